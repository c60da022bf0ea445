import { LightningElement, api } from 'lwc';
import { number, shortMoney } from 'forcedex/format';

const DARK = ['#7aa7ff', '#f0b45a', '#5fd3a0', '#c795ff', '#ff8f87', '#5cc8dd', '#a4a8b0'];

/** A chart by the options that the service made; fires `pick` with the label of what was clicked. */
export default class Chart extends LightningElement {
    @api height = 240;
    @api report;
    drawing = null;
    known = null;

    @api
    get chart() {
        return this.known;
    }
    set chart(found) {
        this.known = found;
        this.draw();
    }

    connectedCallback() {
        this.scheme = window.matchMedia('(prefers-color-scheme: dark)');
        this.redraw = () => this.draw();
        this.scheme.addEventListener('change', this.redraw);
        this.sizes = new ResizeObserver(() => this.drawing?.resize());
    }

    renderedCallback() {
        const { place } = this.refs;
        if (place && !this.drawing && !this.starting) this.begin(place);
    }

    disconnectedCallback() {
        this.scheme.removeEventListener('change', this.redraw);
        this.sizes.disconnect();
        this.drawing?.dispose();
        this.drawing = null;
        this.gone = true;
    }

    async begin(place) {
        this.starting = true;
        place.style.height = `${this.height}px`;
        const { init } = await import('forcedex/drawing');
        if (this.gone) return;
        this.drawing = init(place, null, { renderer: 'canvas' });
        this.drawing.on('click', ({ name }) => this.dispatchEvent(new CustomEvent('pick', { detail: { label: name } })));
        this.sizes.observe(place);
        this.draw();
    }

    draw() {
        if (!this.drawing || !this.known) return;
        this.refs.place.style.height = `${this.height}px`;
        this.drawing.resize();
        this.drawing.setOption(this.options(), true);
    }

    /** The service's options in the colours, font and numbers of this page. */
    options() {
        const style = getComputedStyle(this.refs.place);
        const found = JSON.parse(JSON.stringify(this.known.options), (key, value) =>
            value === 'currentColor' ? style.color : value === 'inherit' && key === 'fontFamily' ? style.fontFamily : value,
        );
        if (this.scheme.matches) found.color = DARK;
        const told = (value, name) => this.told(value, name);
        for (const series of found.series) {
            series.cursor = 'pointer';
            for (const point of series.data)
                if (point?.label?.show) point.label.formatter = told(point.value, series.name);
        }
        for (const axis of [found.xAxis, found.yAxis])
            if (axis.type === 'value' && axis.axisLabel.show !== false) axis.axisLabel.formatter = (value) => told(value, found.series.at(-1).name);
        // Lines say nothing where no numbers stand at them.
        for (const axis of [found.xAxis, found.yAxis]) if (axis.axisLabel.show === false) axis.splitLine = { show: false };
        delete found.aria;
        const background = style.getPropertyValue('--fx-surface');
        found.tooltip = {
            trigger: 'item',
            renderMode: 'richText',
            confine: true,
            backgroundColor: background,
            borderColor: style.getPropertyValue('--fx-line'),
            textStyle: { color: style.color, fontFamily: style.fontFamily, fontSize: 12 },
            valueFormatter: (value) => (value === null || value === undefined ? '–' : number(value)),
        };
        return found;
    }

    told(value, name) {
        const column = this.report?.columns.find((each) => each.label === name) ?? this.report?.columns[0];
        switch (column?.shows) {
            case 'money':
                return shortMoney(value, this.report.currency);
            case 'share':
                return number(value / 100, { style: 'percent', maximumFractionDigits: 1 });
            default:
                return number(value, { notation: 'compact', maximumFractionDigits: 1 });
        }
    }

    get description() {
        return this.known?.description ?? '';
    }
}
