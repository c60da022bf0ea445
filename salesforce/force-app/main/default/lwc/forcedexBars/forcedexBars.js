import { LightningElement, api } from 'lwc';
import { figure } from 'c/forcedexFormat';
import { label } from 'c/forcedexWords';

const MOST = 12; // bars that fit a tile

/** The rows of a report as bars, each with its value beside it. Gets `report` and the `column` that is drawn. */
export default class ForcedexBars extends LightningElement {
    @api report;
    @api column;

    get bars() {
        const { name, shows } = this.column;
        const rows = this.report.rows.slice(0, MOST);
        const most = Math.max(...rows.map((each) => Math.abs(Number(each[name] ?? 0))), 0);
        return rows.map((row, index) => {
            const value = Number(row[name] ?? 0);
            return {
                index,
                label: row.label || label.none,
                text: figure(row[name], shows, { currency: this.report.currency, places: shows === 'money' ? 0 : undefined }),
                width: `width: ${most ? Math.round((Math.abs(value) / most) * 100) : 0}%`,
                style: `slds-progress-bar__value${value < 0 ? ' slds-theme_error' : ''}`,
            };
        });
    }
}
