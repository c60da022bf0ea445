import { LightningElement, api } from 'lwc';
import locale from '@salesforce/i18n/locale';
import timeZone from '@salesforce/i18n/timeZone';
import report from '@salesforce/apex/ForcedexController.report';
import { difference, figure, period, useLocale } from 'c/forcedexFormat';
import { explained } from 'c/forcedexHits';
import { Newest } from 'c/forcedexNewest';
import { problemOf } from 'c/forcedexProblems';
import { called, label, say } from 'c/forcedexWords';

const TABLE_COLUMNS = 3; // that a tile has room for
const NAME = /^[a-z0-9][a-z0-9_-]{0,59}$/;

useLocale(locale, timeZone);

/** A report as one figure, as bars or as a table. On a record page with a `recordField`: of that record only. */
export default class ForcedexReport extends LightningElement {
    /** The name of the report, such as `closed-won`. */
    @api report = '';
    /** Rows by this dimension; none: the report's usual one. */
    @api groupBy = '';
    /** A period such as `this-quarter`; none: the report's usual one. */
    @api reportPeriod = '';
    /** The column on top; none: the first. */
    @api figure = '';
    /** `figure`, `chart` or `table`. */
    @api view = 'chart';
    /** Only so many rows, the others as one; 0: all. */
    @api top = 8;
    /** The field that holds the record whose page this is, such as `AccountId`. */
    @api recordField = '';

    label = label;
    few = TABLE_COLUMNS;
    answer = null;
    problem = null;
    busy = false;
    record = '';
    connected = false;
    asking = new Newest();

    /** Given by a record page. */
    @api
    get recordId() {
        return this.record;
    }
    set recordId(value) {
        if (value === this.record) return;
        this.record = value;
        if (this.connected && this.recordField) {
            this.answer = null;
            this.load();
        }
    }

    connectedCallback() {
        this.connected = true;
        this.load();
    }

    disconnectedCallback() {
        this.connected = false;
        this.asking.stop();
    }

    get question() {
        return JSON.stringify({
            by: this.groupBy ? this.groupBy.split(',').map((each) => each.trim()) : null,
            period: this.reportPeriod || '',
            top: Math.max(0, Math.trunc(Number(this.top)) || 0),
            filters: this.recordField ? [`${this.recordField}=${this.record}`] : [],
        });
    }

    async load() {
        this.asking.stop();
        this.busy = false;
        this.problem = null;
        // Without a record there is nothing to tell: never the numbers of all.
        if (this.recordField && !this.record) return;
        if (!NAME.test(this.report ?? '')) {
            this.answer = null;
            this.problem = explained({ code: 'no_report' });
            return;
        }
        this.busy = true;
        try {
            const { report: name, question } = this;
            const found = await this.asking.run(() => report({ name, question }));
            if (!found) return;
            this.answer = found;
        } catch (error) {
            this.answer = null;
            this.problem = explained(problemOf(error));
        }
        this.busy = false;
    }

    get heading() {
        return called('report', this.report, this.answer?.title || this.report || label.report);
    }

    get column() {
        const columns = this.answer?.columns ?? [];
        return columns.find((each) => each.name === this.figure) ?? columns[0];
    }

    get total() {
        return this.told(this.column.shows === 'money' ? 0 : undefined);
    }

    get exact() {
        return this.told(this.answer.decimal_places);
    }

    told(places) {
        const { name, shows } = this.column;
        return figure(this.answer.totals[name], shows, { currency: this.answer.currency, places });
    }

    get named() {
        return called('column', this.column.name, this.column.label);
    }

    get when() {
        return period(this.answer.period);
    }

    get change() {
        const { before } = this.answer.totals;
        const found = before
            ? difference(this.answer.totals[this.column.name], before[this.column.name], this.column.shows)
            : null;
        return found && { ...found, hint: say('comparedTo', { text: period(this.answer.compared_with) }) };
    }

    get changeStyle() {
        const tone = this.change.up ? ' slds-text-color_success' : this.change.down ? ' slds-text-color_error' : '';
        return `change slds-m-left_x-small${tone}`;
    }

    get waiting() {
        return this.busy && !this.answer;
    }

    get filled() {
        return this.answer !== null && this.answer.rows.length > 0;
    }

    get none() {
        return this.answer !== null && this.answer.rows.length === 0;
    }

    get asChart() {
        return this.filled && this.view !== 'table' && this.view !== 'figure';
    }

    get asTable() {
        return this.filled && this.view === 'table';
    }
}
