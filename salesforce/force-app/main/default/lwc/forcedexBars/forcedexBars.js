import { LightningElement, api } from 'lwc';
import { figure } from 'c/forcedexFormat';
import { label } from 'c/forcedexWords';

const MOST = 12; // bars that fit a tile

// “Other”: many rows as one, so no bar beside those of single rows.
const isRest = (row) => row.key.length === 0;

/** The rows of a report as bars, each with its value beside it. Gets `report` and the `column` that is drawn. */
export default class ForcedexBars extends LightningElement {
    @api report;
    @api column;

    get bars() {
        const { name, shows } = this.column;
        const single = this.report.rows.filter((each) => !isRest(each)).slice(0, MOST);
        const most = Math.max(...single.map((each) => Math.abs(Number(each[name] ?? 0))), 0);
        return [...single, ...this.report.rows.filter(isRest)].map((row, index) => {
            const value = Number(row[name] ?? 0);
            return {
                index,
                drawn: !isRest(row),
                label: row.label || label.none,
                text: figure(row[name], shows, { currency: this.report.currency, places: shows === 'money' ? 0 : undefined }),
                width: `width: ${most ? Math.round((Math.abs(value) / most) * 100) : 0}%`,
                style: `slds-progress-bar__value${value < 0 ? ' slds-theme_error' : ''}`,
            };
        });
    }
}
