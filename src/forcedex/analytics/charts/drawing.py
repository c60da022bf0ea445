"""Charts as SVG, by the very ECharts that a page uses, in an engine of its own without network or files.

The script is put beside this module when Forcedex is installed (`make setup`); it is not part of the source.
"""

import json
import re
from functools import lru_cache
from importlib import resources
from typing import Any
from xml.sax.saxutils import escape

import quickjs  # type: ignore[import-untyped]

from forcedex.analytics.charts.options import Chart
from forcedex.domain.errors import ConfigurationError

_SCRIPT = "echarts.min.js"
_MEMORY = 256 * 1024 * 1024
_SECONDS = 20
#: The engine has no timers; a still picture needs none.
_BEFORE = "var setTimeout = function () { return 0 }, clearTimeout = function () {}"
_DRAW = """
function draw(text, width, height) {
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width, height });
  try { chart.setOption(JSON.parse(text)); return chart.renderToSVGString(); } finally { chart.dispose(); }
}
"""


def svg(chart: Chart) -> str:
    """The picture, as wide as there is room, with its title and description for who cannot see it.

    ConfigurationError if the script is not there.
    """
    drawn = str(_engine().get("draw")(json.dumps(chart.options), chart.width, chart.height))
    inner = re.sub(r"^<svg[^>]*>", "", drawn, count=1)
    words = f"<title>{escape(chart.title)}</title><desc>{escape(chart.description)}</desc>"
    box = f'viewBox="0 0 {chart.width} {chart.height}" width="100%" style="max-width:{chart.width}px"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {box}>{words}{inner}'


def is_there() -> bool:
    """Whether charts can be drawn."""
    return resources.files(__package__).joinpath(_SCRIPT).is_file()


@lru_cache(maxsize=1)
def _engine() -> Any:
    if not is_there():
        raise ConfigurationError("The script that draws charts is not installed.", "Run `make setup` again.")
    context = quickjs.Context()
    context.set_memory_limit(_MEMORY)
    context.set_time_limit(_SECONDS)
    context.eval(_BEFORE)
    context.eval(resources.files(__package__).joinpath(_SCRIPT).read_text(encoding="utf-8"))
    context.eval(_DRAW)
    return context
