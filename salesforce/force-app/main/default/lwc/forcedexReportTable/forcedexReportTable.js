import { LightningElement, api } from 'lwc';
import { difference, figure } from 'c/forcedexFormat';
import { called, label, say } from 'c/forcedexWords';

/** The rows of a report, exact. Fires `drill` with `{ keys, label }` for a row whose records can be shown. */
export default class ReportTable extends LightningElement {
    @api report;
    /** Only so many columns, for little room; 0: all. */
    @api columns = 0;
    /** Rows without links to their records. */
    @api plain = false;
    /** The keys of the row that is open. */
    @api open = null;
    label = label;

    get shown() {
        return this.columns ? this.report.columns.slice(0, this.columns) : this.report.columns;
    }

    get headings() {
        return this.shown.map((each) => ({
            name: each.name,
            label: called('column', each.name, each.label),
            unit: each.shows === 'money' ? this.report.currency : '',
        }));
    }

    get caption() {
        return say('tableOf', { name: called('report', this.report.name, this.report.title) });
    }

    get first() {
        return []
            .concat(this.report.by)
            .map((each) => called('dimension', each, each))
            .join(' · ');
    }

    get rows() {
        const drawn = JSON.stringify(this.open);
        return this.report.rows.map((row, index) => ({
            index,
            label: row.label || label.none,
            drills: !this.plain && row.key.length > 0,
            said: say('showRecordsOf', { name: row.label || label.none }),
            style: this.open && JSON.stringify(row.key) === drawn ? 'open' : '',
            cells: this.cells(row),
        }));
    }

    get totals() {
        return this.cells(this.report.totals);
    }

    cells(row) {
        const { currency, decimal_places: places } = this.report;
        return this.shown.map((each) => {
            const change = row.before ? difference(row[each.name], row.before[each.name], each.shows) : null;
            return {
                name: each.name,
                text: figure(row[each.name], each.shows, { currency: '', places, code: currency }),
                why: row.none?.[each.name] ?? this.ratio(row, each),
                change: change?.text,
                style: change?.up
                    ? 'change up slds-text-color_success'
                    : change?.down
                      ? 'change down slds-text-color_error'
                      : 'change',
            };
        });
    }

    ratio(row, column) {
        const found = row.ratios?.[column.name];
        if (!found || found.numerator === null || found.denominator === null) return '';
        return `${figure(found.numerator, 'number')} ÷ ${figure(found.denominator, 'number')}`;
    }

    drill(event) {
        const row = this.report.rows[Number(event.currentTarget.dataset.index)];
        this.dispatchEvent(new CustomEvent('drill', { detail: { keys: row.key, label: row.label } }));
    }
}
