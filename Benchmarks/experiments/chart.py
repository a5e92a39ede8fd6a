"""Plain SVG charts: bars that may be stacked, and lines over a logarithmic axis."""

import html
import math

WIDTH, LABELS, RIGHT, ROW = 760, 220, 90, 26
COLOURS = ["#2f6f9f", "#d9893b", "#7fa650", "#8a5a9e"]
STYLE = "<style>text{font:12px system-ui,sans-serif;fill:#333}.title{font-weight:600;font-size:14px}@media(prefers-color-scheme:dark){text{fill:#ddd}}</style>"


def svg(height, parts):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}">{STYLE}'
            + "".join(parts) + "</svg>\n")


def text(x, y, content, anchor="start", kind=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}">{html.escape(content)}</text>'


def legend(names, y):
    return [f'<rect x="{LABELS + 150 * index}" y="{y - 10}" width="10" height="10" fill="{COLOURS[index]}"/>'
            + text(LABELS + 150 * index + 15, y, name) for index, name in enumerate(names)]


def bars(title, rows, parts=()):
    """`rows`: label to values that are stacked; `parts`: what the values are called."""
    most = max(sum(values) for values in rows.values())
    scale = (WIDTH - LABELS - RIGHT) / most
    shapes = [text(10, 20, title, kind="title")] + (legend(parts, 40) if parts else [])
    top = 55 if parts else 35
    for index, (label, values) in enumerate(rows.items()):
        y, x = top + index * ROW, LABELS
        shapes.append(text(LABELS - 8, y + 14, label, "end"))
        for colour, value in zip(COLOURS, values):
            shapes.append(f'<rect x="{x:.1f}" y="{y}" width="{value * scale:.1f}" height="18" fill="{colour}"/>')
            x += value * scale
        shapes.append(text(x + 6, y + 14, f"{sum(values):,.0f}" if sum(values) >= 100 else f"{sum(values):.1f}"))
    return svg(top + len(rows) * ROW + 10, shapes)


def lines(title, series, unit):
    """`series`: name to points (x on a logarithmic axis, y from nought)."""
    height, bottom, top = 320, 270, 55
    points = [point for each in series.values() for point in each]
    low, high = (math.log(pick(x for x, _ in points) or 1) for pick in (min, max))
    most = max(y for _, y in points)

    def place(x, y):
        across = (math.log(x) - low) / ((high - low) or 1)
        return 80 + across * (WIDTH - 80 - 40), bottom - y / most * (bottom - top)

    shapes = [text(10, 20, title, kind="title"), *legend(series, 40)]
    for fraction in (0, 0.5, 1):
        _, y = place(math.exp(low), most * fraction)
        shapes += [f'<line x1="80" x2="{WIDTH - 40}" y1="{y:.1f}" y2="{y:.1f}" stroke="#9994"/>',
                   text(72, y + 4, f"{most * fraction:,.0f}", "end")]
    for x in sorted({x for x, _ in points}):
        shapes.append(text(place(x, 0)[0], bottom + 20, f"{x:,}", "middle"))
    for colour, each in zip(COLOURS, series.values()):
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in each))
        shapes.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
    return svg(height, [*shapes, text(WIDTH / 2, height - 8, unit, "middle")])
