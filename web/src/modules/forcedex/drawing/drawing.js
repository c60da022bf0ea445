/**
 * ECharts with only what our charts need; loaded when the first chart is drawn. On a canvas: no inline styles.
 * By its parts rather than by its lists of everything: building takes seconds instead of half a minute.
 */

import { install as bars } from 'echarts/lib/chart/bar/install.js';
import { install as lines } from 'echarts/lib/chart/line/install.js';
import { install as grid } from 'echarts/lib/component/grid/installSimple.js';
import { install as legend } from 'echarts/lib/component/legend/installLegendPlain.js';
import { install as tooltip } from 'echarts/lib/component/tooltip/install.js';
import { init } from 'echarts/lib/core/echarts.js';
import { use } from 'echarts/lib/extension.js';
import { install as canvas } from 'echarts/lib/renderer/installCanvasRenderer.js';

use([bars, lines, grid, legend, tooltip, canvas]);

export { init };
