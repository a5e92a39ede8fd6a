"""What the load generators and PostgreSQL say is read, or told as it is.   python3 -m unittest discover Benchmarks"""

import unittest

from experiments.growth import filling
from harness import load, pgbench, wire


class Readings(unittest.TestCase):
    def ends_with(self, words, read, *arguments):
        with self.assertRaises(SystemExit) as end:
            read(*arguments)
        self.assertIn(words, str(end.exception))

    def test_pgbench_measured(self):
        text = "number of transactions actually processed: 42\ntps = 17.5 (without initial connection time)\n"
        self.assertEqual(pgbench.reading(text, 0), {"rate": 17.5, "requests": 42})

    def test_what_pgbench_said_is_told_when_it_measured_no_rate(self):
        refused = "pgbench: error: connection to server failed: FATAL:  sorry, too many clients already\n"
        self.ends_with("too many clients already", pgbench.reading, refused, 1)
        self.ends_with("number of transactions", pgbench.reading, "number of transactions actually processed: 0\n", 0)
        self.ends_with("aborted", pgbench.reading, "client 0 aborted\nactually processed: 1\ntps = 1.0\n", 2)
        self.ends_with("(nothing)", pgbench.reading, "", 0)

    def test_what_wrk_said_is_told_when_it_measured_nothing(self):
        self.ends_with("Connection refused", load.reading, "unable to connect to 127.0.0.1:1 Connection refused\n", False)
        self.ends_with("(nothing)", load.reading, "", False)
        line = '{"broken": 0, "refused": 1, "requests": 2, "seconds": 1}'
        self.ends_with("refused", load.reading, line, False)
        self.assertEqual(load.reading(line, True)["requests"], 2)

    def test_a_row_of_postgresql_is_read(self):
        self.assertEqual(wire.columns(b"\0\3\0\0\0\2ab\xff\xff\xff\xff\0\0\0\0"), [b"ab", None, b""])

    def test_the_statement_of_an_execution_is_read(self):
        self.assertEqual(wire.statement_name(wire.message(b"B", b"\0find\0\0\0\0\0\0\0")), "find")

    def test_statements_are_separated_outside_of_quotes(self):
        self.assertEqual(list(filling.separated("a\nb;\nDO $$\nc;\nend $$;\nd")), ["a\nb", "DO $$\nc;\nend $$", "d"])


if __name__ == "__main__":
    unittest.main()
