"""A mail server on the loopback interface that takes every mail and keeps none. It can be down or slow."""

import socket
import threading
import time

REPLIES = {b"EHLO": b"250 mail.example.net", b"DATA": b"354 go ahead", b"QUIT": b"221 bye"}


class MailServer:
    def __init__(self):
        self.delay, self.taken, self.listener, self.port = 0, 0, None, 0
        self.up()

    def up(self, delay=0):
        """`delay`: the seconds before each mail is acknowledged."""
        self.delay = delay
        if self.listener:
            return
        self.listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()

    def down(self):
        """From now on connections are refused."""
        if self.listener:
            self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
            self.listener = None

    def _accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._converse, args=(connection, listener), daemon=True).start()

    def _converse(self, connection, listener):
        with connection, connection.makefile("rwb") as stream:
            try:
                self._answer(stream, b"220 mail.example.net ESMTP")
                for line in stream:
                    command = line[:4].upper()
                    if listener is not self.listener:
                        return
                    self._answer(stream, REPLIES.get(command, b"250 ok"))
                    if command == b"DATA":
                        self._take(stream)
                    if command == b"QUIT":
                        return
            except OSError:
                return

    def _take(self, stream):
        for line in stream:
            if line == b".\r\n":
                break
        time.sleep(self.delay)
        self.taken += 1
        self._answer(stream, b"250 taken")

    def _answer(self, stream, text):
        stream.write(text + b"\r\n")
        stream.flush()
