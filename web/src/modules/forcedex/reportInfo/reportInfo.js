import { LightningElement, api } from 'lwc';
import { moment, number, period } from 'forcedex/format';
import { called, label, say } from 'forcedex/i18n';

/** How a report's numbers came to be: formula, days, filters, what is missing, how fresh. */
export default class ReportInfo extends LightningElement {
    @api report;
    label = label;

    get lines() {
        const { report } = this;
        const lines = [
            [label.formula, report.formula],
            [label.period, period(report.period)],
            [label.comparedWith, report.compared_with && period(report.compared_with)],
            [label.asOf, report.as_of && period(report.as_of)],
            [label.since, report.since && period(report.since)],
            [label.filters, report.filters.join(', ')],
            [label.timeZone, report.time_zone],
            [label.currency, report.currency],
            [label.missing, this.missing],
            [label.notes, report.notes.join(' ')],
            [label.rowCount, number(report.row_count)],
            [label.freshness, report.synced_at && moment(report.synced_at)],
        ];
        return lines.filter(([, text]) => text).map(([name, text]) => ({ name, text }));
    }

    get missing() {
        return Object.entries(this.report.missing)
            .map(([name, count]) => {
                const column = this.report.columns.find((each) => each.name === name);
                return say('missingValues', { name: called('column', name, column?.label ?? name), n: count, nText: number(count) });
            })
            .join('; ');
    }
}
