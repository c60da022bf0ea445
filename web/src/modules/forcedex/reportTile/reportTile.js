import { LightningElement, api } from 'lwc';
import { difference, figure, period } from 'forcedex/format';
import { called, label, say } from 'forcedex/i18n';

const CHART = 'chart', TABLE = 'table', INFO = 'info';
const COLUMNS = 3; // that a tile has room for
const HEIGHT = 236;

/**
 * One report on a dashboard: its figure, chart, table, and how it came to be. Gets `report` (null: still coming), the
 * name of the `figure` on top, `note`, `problem`; fires `open` and, for the records of a row, `drill`.
 */
export default class ReportTile extends LightningElement {
    @api name = '';
    @api title = '';
    @api report = null;
    @api figure = '';
    @api note = '';
    @api problem = null;
    label = label;
    view = CHART;
    height = HEIGHT;
    few = COLUMNS;

    get heading() {
        return called('report', this.name, this.title || this.report?.title || this.name);
    }

    get column() {
        return this.report?.columns.find((each) => each.name === this.figure);
    }

    get value() {
        if (!this.column) return '';
        return figure(this.report.totals[this.figure], this.column.shows, { currency: this.report.currency, places: this.column.shows === 'money' ? 0 : undefined });
    }

    get exact() {
        if (!this.column) return '';
        return figure(this.report.totals[this.figure], this.column.shows, { currency: this.report.currency, places: this.report.decimal_places });
    }

    get named() {
        return this.column ? called('column', this.column.name, this.column.label) : '';
    }

    get change() {
        const { before } = this.report?.totals ?? {};
        return before && this.column ? difference(this.report.totals[this.figure], before[this.figure], this.column.shows) : null;
    }

    get changeText() {
        return this.change.text;
    }

    get changeHint() {
        return say('comparedTo', { text: period(this.report.compared_with) });
    }

    get changeStyle() {
        return this.change.up ? 'change up' : this.change.down ? 'change down' : 'change';
    }

    get waiting() {
        return !this.report && !this.problem;
    }

    get none() {
        return this.report !== null && !this.report.rows.length && this.view !== INFO;
    }

    get atChart() {
        return this.view === CHART && this.report?.rows.length > 0 && this.report.chart;
    }

    get atTable() {
        return (this.view === TABLE || (this.view === CHART && !this.report?.chart)) && this.report?.rows.length > 0;
    }

    get atInfo() {
        return this.view === INFO && this.report;
    }

    get views() {
        return [[CHART, label.chart, 'M4 20V10M9 20V4M14 20v-7M19 20V8'], [TABLE, label.table, 'M4 6h16M4 12h16M4 18h16'], [INFO, label.info, 'M12 11v6M12 7v.5M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18']].map(
            ([name, text, path]) => ({ name, path, said: `${text}: ${this.heading}`, title: text, pressed: String(this.view === name) }),
        );
    }

    see(event) {
        this.view = event.currentTarget.dataset.view;
    }

    openReport() {
        this.dispatchEvent(new CustomEvent('open', { detail: { name: this.name } }));
    }

    drill(event) {
        this.dispatchEvent(new CustomEvent('drill', { detail: { name: this.name, keys: event.detail.keys } }));
    }

    // A label on a chart may be cut.
    picked(event) {
        const begin = event.detail.label.replace(/…$/, '');
        const row = this.report.rows.find((each) => each.key.length === 1 && each.label.startsWith(begin));
        if (row) this.drill({ detail: { keys: row.key } });
    }
}
