"""Swift source with blanks where comments, regular expressions and the text of strings were. Lines, columns and interpolated code stay."""
import functools
import re

NEXT = re.compile(r'[("/)#]')
REGEX = re.compile(r"#/.*?/#|(?:(?<=\()|(?<=[:,=] ))/(?![\s/*])(?:\\.|[^/\n\\])*/")
QUOTE = re.compile(r'(#*)("""|")')


class _Scanner:
    def __init__(self, text):
        self.text, self.code = text, list(text)

    def blank(self, start, end):
        self.code[start:end] = re.sub(r"[^\n]", " ", self.text[start:end])
        return end

    def scan(self, index, in_interpolation=False):
        """From `index` to the end of the text, or behind the parenthesis that closes the interpolation."""
        depth = 0
        while found := NEXT.search(self.text, index):
            index = found.start()
            if quote := QUOTE.match(self.text, index):
                index = self.string(quote)
            elif regex := REGEX.match(self.text, index):
                index = self.blank(*regex.span())
            elif self.text.startswith("//", index):
                index = self.blank(index, self.end_of("\n", index))
            elif self.text.startswith("/*", index):
                index = self.blank(index, self.end_of("*/", index) + 2)
            else:
                depth += {"(": 1, ")": -1}.get(self.text[index], 0)
                index += 1
                if in_interpolation and depth < 0:
                    return index
        return len(self.text)

    def end_of(self, mark, index):
        found = self.text.find(mark, index)
        return len(self.text) if found < 0 else found

    def string(self, quote):
        hashes, marks = quote.groups()
        escape, end, start = "\\" + hashes, marks + hashes, quote.start()
        mark, index = re.compile(f"{re.escape(escape)}.|{end}", re.S), quote.end()
        while found := mark.search(self.text, index):
            index = found.end()
            if found[0] == end:
                return self.blank(start, index)
            if found[0] == escape + "(":
                self.blank(start, index - 1)
                start = index = self.scan(index, in_interpolation=True)
        return self.blank(start, len(self.text))


@functools.cache
def code(text):
    scanner = _Scanner(text)
    scanner.scan(0)
    return "".join(scanner.code)
