import AuthMail
import Testing
