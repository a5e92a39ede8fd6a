"""Each program finds the modules that it needs.   python3 -m unittest discover Benchmarks"""

import importlib
import pathlib
import unittest


class Programs(unittest.TestCase):
    def test_each_program_can_be_imported(self):
        for program in sorted(pathlib.Path(__file__).parent.glob("*.py")):
            with self.subTest(program.name):
                importlib.import_module(program.stem)


if __name__ == "__main__":
    unittest.main()
