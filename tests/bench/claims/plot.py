"""Small SVG plots: lines with bands, points, bars. Plain text, so that a changed figure is a readable diff."""
WIDTH, HEIGHT = 460, 300
LEFT, RIGHT, TOP, BOTTOM = 58, 14, 30, 46
COLOURS = ["#1b6ca8", "#d1495b", "#3a7d44", "#8d6a9f", "#c98a1b", "#4f5d75"]


class Plot:
    """One set of axes. `x` and `y` are (least, most); ticks are (place, text)."""

    def __init__(self, title, x, y, x_label, y_label, x_ticks, y_ticks):
        self._x, self._y = x, y
        self._legend = []
        self._parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
            f'height="{HEIGHT}" font-family="sans-serif" font-size="11">',
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
            _text(WIDTH / 2, 17, title, anchor="middle", size=13),
            _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, x_label, anchor="middle"),
            f'<text x="14" y="{(TOP + HEIGHT - BOTTOM) / 2:.0f}" text-anchor="middle" transform="rotate(-90 14 '
            f'{(TOP + HEIGHT - BOTTOM) / 2:.0f})">{_escaped(y_label)}</text>',
        ]
        for place, text in x_ticks:
            self._parts.append(_text(self._across(place), HEIGHT - BOTTOM + 15, text, anchor="middle"))
        for place, text in y_ticks:
            height = self._up(place)
            self._parts.append(_line([(LEFT, height), (WIDTH - RIGHT, height)], "#ddd", 1))
            self._parts.append(_text(LEFT - 5, height + 4, text, anchor="end"))
        corner = (LEFT, HEIGHT - BOTTOM)
        self._parts.append(_line([(LEFT, TOP), corner, (WIDTH - RIGHT, HEIGHT - BOTTOM)], "#444", 1))

    def _across(self, x):
        return LEFT + (x - self._x[0]) / (self._x[1] - self._x[0]) * (WIDTH - LEFT - RIGHT)

    def _up(self, y):
        bounded = min(max(y, self._y[0]), self._y[1])
        return HEIGHT - BOTTOM - (bounded - self._y[0]) / (self._y[1] - self._y[0]) * (HEIGHT - TOP - BOTTOM)

    def _colour(self, name, colour):
        if name:
            self._legend.append((name, COLOURS[colour]))
        return COLOURS[colour]

    def line(self, points, colour, name="", dashed=False):
        self._parts.append(_line([(self._across(x), self._up(y)) for x, y in points],
                                 self._colour(name, colour), 2, dashed))

    def band(self, places, colour):
        """`places` are (x, low, high)."""
        edge = [(x, low) for x, low, _ in places] + [(x, high) for x, _, high in reversed(places)]
        corners = " ".join(f"{self._across(x):.1f},{self._up(y):.1f}" for x, y in edge)
        self._parts.append(f'<polygon points="{corners}" fill="{COLOURS[colour]}" opacity="0.18"/>')

    def points(self, points, colour, name=""):
        fill = self._colour(name, colour)
        for x, y in points:
            self._parts.append(f'<circle cx="{self._across(x):.1f}" cy="{self._up(y):.1f}" r="3.2" '
                               f'fill="{fill}" opacity="0.75"/>')

    def bar(self, x, width, height, colour, name=""):
        left, right, top = self._across(x - width / 2), self._across(x + width / 2), self._up(height)
        self._parts.append(f'<rect x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" '
                           f'height="{HEIGHT - BOTTOM - top:.1f}" fill="{self._colour(name, colour)}"/>')

    def save(self, path, legend="right"):
        """`legend` says where the names stand: left or right, at the top or with `bottom`."""
        x = LEFT + 10 if "left" in legend else WIDTH - RIGHT - 150
        y = TOP + 10 if "bottom" not in legend else HEIGHT - BOTTOM - 15 * len(self._legend) - 2
        names = []
        for i, (name, colour) in enumerate(self._legend):
            names.append(f'<rect x="{x}" y="{y + 15 * i}" width="10" height="10" fill="{colour}"/>')
            names.append(_text(x + 15, y + 9 + 15 * i, name))
        path.write_text("\n".join(self._parts + names + ["</svg>"]) + "\n")


def ticks(values, form="{:g}"):
    return [(value, form.format(value)) for value in values]


def _escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _text(x, y, text, anchor="start", size=11):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">{_escaped(text)}</text>'


def _line(points, colour, width, dashed=False):
    corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dashes = ' stroke-dasharray="5 4"' if dashed else ""
    return f'<polyline points="{corners}" fill="none" stroke="{colour}" stroke-width="{width}"{dashes}/>'
