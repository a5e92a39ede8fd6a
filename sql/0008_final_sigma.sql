-- Σ has two lower-case letters, σ and, at the end of a word, ς. In canonical addresses they are one letter from now on: σ.
--
-- Where somebody else registered the other spelling meanwhile, the row stays as it is, and nobody logs in by it:
-- SELECT * FROM user_emails WHERE address LIKE U&'%\03C2%'.
UPDATE user_emails e
SET address = replace(address, U&'\03C2', U&'\03C3')
WHERE address LIKE U&'%\03C2%'
  AND NOT EXISTS (SELECT FROM user_emails other WHERE other.address = replace(e.address, U&'\03C2', U&'\03C3'));

-- Counts are forgotten by themselves; those of the old spelling are of nobody any more.
DELETE FROM login_failures WHERE address LIKE U&'%\03C2%';
