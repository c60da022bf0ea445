import { LightningElement, api } from 'lwc';
import { day, money, moment, number } from 'forcedex/format';
import { label } from 'forcedex/i18n';

const AMOUNT = /amt|amount|price|cost|revenue|minor/i;
const DAY = /^\d{4}-\d\d-\d\d$/, INSTANT = /^\d{4}-\d\d-\d\dT/, DECIMAL = /^-?\d+\.\d+$/, FLAG = /^Is |^Won$|^Open$|^Lost$|^Closed/;

/** The records behind a number: `columns` and `records` as the service tells them, each with its `href`. */
export default class RecordsTable extends LightningElement {
    @api columns = [];
    @api records = [];
    @api caption = '';
    @api currency = '';
    label = label;

    get nameless() {
        return !this.columns.some((each) => this.naming(each.path));
    }

    naming(path) {
        return path === 'Name' || path === 'CaseNumber' || path === 'Subject';
    }

    get headings() {
        const numeric = (path) => this.records.some((each) => typeof each[path] === 'number' || DECIMAL.test(each[path] ?? ''));
        return this.columns.map((each) => ({ ...each, style: numeric(each.path) && !FLAG.test(each.label) ? 'number' : '' }));
    }

    get rows() {
        const { headings } = this;
        return this.records.map((record, index) => ({
            key: `${record.Id}-${index}`,
            href: record.href,
            id: record.Id,
            cells: headings.map((column) => ({
                path: column.path,
                style: column.style,
                text: this.told(record[column.path], column),
                href: this.naming(column.path) ? record.href : undefined,
            })),
        }));
    }

    told(value, column) {
        if (value === null || value === undefined) return '–';
        if (FLAG.test(column.label) && (value === 0 || value === 1)) return value ? label.yes : label.no;
        if (typeof value === 'boolean') return value ? label.yes : label.no;
        if (typeof value === 'number') return number(value);
        if (Array.isArray(value)) return value.join(', ');
        if (typeof value === 'object') return '';
        if (DAY.test(value)) return day(value);
        if (INSTANT.test(value)) return moment(value);
        if (DECIMAL.test(value)) return AMOUNT.test(column.path) ? money(value, this.currency, value.split('.')[1].length) : number(value);
        return String(value);
    }
}
