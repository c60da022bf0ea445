import { LightningElement, api } from 'lwc';
import { file, get, post } from 'forcedex/api';
import { ago, number, period as told } from 'forcedex/format';
import { explained } from 'forcedex/hits';
import { called, label, say } from 'forcedex/i18n';
import { Live } from 'forcedex/live';
import { Newest } from 'c/forcedexNewest';
import { COMPARISONS, PERIODS, asked, reportAddress, sent } from 'forcedex/reports';
import { go, recordAddress } from 'forcedex/router';

const FORMS = ['csv', 'json', 'html'];
const MOST = 1_000;

/** One report in full: rows, period and comparison to choose, chart, table, the records behind a row, export. */
export default class ReportPage extends LightningElement {
    label = label;
    entry = null;
    report = null;
    problem = null;
    records = null;
    recordsProblem = null;
    busy = false;
    exporting = '';
    exportProblem = null;
    forms = FORMS.map((name) => ({ name, label: name.toUpperCase() }));
    asking = new Newest();
    listing = new Newest();
    live = new Live(() => this.look());

    @api
    get place() {
        return this.current;
    }
    set place(found) {
        this.current = found;
        const [name] = found.parts;
        const { question, row } = asked(found.query);
        const same = this.name === name && JSON.stringify(this.question) === JSON.stringify(question);
        if (this.name !== name) [this.report, this.entry] = [null, null];
        Object.assign(this, { name, question });
        if (JSON.stringify(this.row) !== JSON.stringify(row)) this.records = null;
        this.row = row;
        if (!same) this.load();
        if (row) this.list();
        else this.listing.stop();
    }

    disconnectedCallback() {
        this.live.stop();
        this.asking.stop();
        this.listing.stop();
    }

    get path() {
        return `/reports/${encodeURIComponent(this.name)}`;
    }

    async load() {
        this.live.stop();
        this.busy = true;
        if (!this.entry) this.describe();
        try {
            const found = await this.asking.run((signal) => post(this.path, { ...sent(this.question), chart: true }, { signal }));
            if (!found) return;
            this.report = found;
            this.problem = null;
            document.title = `${this.heading} · Forcedex`;
            this.live.restart();
        } catch (error) {
            this.fail(error);
        }
        this.busy = false;
    }

    async describe() {
        try {
            const { reports } = await get('/reports');
            this.entry = reports.find((each) => each.name === this.name) ?? null;
        } catch {
            this.entry = null; // the report itself tells what is wrong
        }
    }

    async list() {
        try {
            const body = { ...sent(this.question), keys: this.row, size: MOST };
            const found = await this.listing.run((signal) => post(`${this.path}/records`, body, { signal }));
            if (found) this.records = found;
            this.recordsProblem = null;
        } catch (error) {
            this.recordsProblem = explained(error);
            this.records = null;
        }
    }

    async look() {
        if (!this.report || this.busy) return;
        try {
            const found = await this.asking.run((signal) => post(this.path, { ...sent(this.question), chart: true, tag: this.report.tag }, { signal }));
            if (!found || found.unchanged) return;
            this.report = found;
            if (this.row) this.list();
        } catch (error) {
            if (error.status === 401) this.fail(error);
        }
    }

    fail(error) {
        if (error.status === 401) this.dispatchEvent(new CustomEvent('expired', { bubbles: true, composed: true }));
        this.problem = explained(error);
        this.report = null;
    }

    get heading() {
        return called('report', this.name, this.report?.title ?? this.entry?.title ?? this.name);
    }

    get about() {
        const { report } = this;
        if (!report) return '';
        return [
            told(report.period),
            report.compared_with && say('comparedTo', { text: told(report.compared_with) }),
            report.synced_at && say('takenOver', { time: ago(report.synced_at) }),
        ].filter(Boolean).join(' · ');
    }

    get waiting() {
        return !this.report && !this.problem;
    }

    get style() {
        return this.busy && this.report ? 'stale' : '';
    }

    get empty() {
        return this.report && !this.report.rows.length;
    }

    get rows() {
        return this.report?.rows.length > 0;
    }

    get chartHeight() {
        return this.report.chart.height;
    }

    get dimensions() {
        const by = this.question.by[0] ?? this.entry?.by;
        return this.options(by);
    }

    get seconds() {
        return this.options(this.question.by[1] ?? '');
    }

    options(chosen) {
        const known = this.entry?.dimensions ?? [];
        const all = !chosen || known.some((each) => each.name === chosen) ? known : [...known, { name: chosen, label: chosen }];
        return all.map((each) => ({ name: each.name, label: called('dimension', each.name, each.label), chosen: each.name === chosen }));
    }

    get dividable() {
        return this.dimensions.length > 1;
    }

    get periods() {
        const now = this.question.period || this.entry?.period || 'all';
        const known = PERIODS.includes(now) ? PERIODS : [...PERIODS, now];
        return known.map((name) => ({ name, label: called('period', name, name), chosen: name === now }));
    }

    get comparisons() {
        return COMPARISONS.map((name) => ({ name, label: called('compare', name, name), chosen: name === this.question.compare }));
    }

    get chips() {
        return this.question.where.map((each) => ({ key: each, label: this.condition(each), off: false }));
    }

    condition(text) {
        const [, field, sign, value] = /^([\w.]+)\s*(!=|>=|<=|=|>|<)(.*)$/.exec(text) ?? [null, '', '', text];
        return `${called('filter', field, field)} ${sign} ${value}`;
    }

    get recordsHeading() {
        if (!this.records) return label.loading;
        const name = this.report?.rows.find((each) => JSON.stringify(each.key) === JSON.stringify(this.row))?.label ?? this.row.filter(Boolean).join(' · ');
        return say('recordsBehind', { n: this.records.total, nText: number(this.records.total), name });
    }

    get listed() {
        return this.records?.records.map((each) => ({ ...each, href: recordAddress(this.records.object, each.Id) })) ?? [];
    }

    get partly() {
        return this.records && this.records.total > this.records.records.length ? say('firstOf', { n: this.records.records.length, nText: number(this.records.records.length) }) : '';
    }

    change(changes) {
        go(reportAddress(this.name, { ...this.question, ...changes }));
    }

    chooseBy(event) {
        const [, second] = this.question.by;
        const first = event.target.value;
        this.change({ by: second && second !== first ? [first, second] : [first] });
    }

    chooseSecond(event) {
        const first = this.question.by[0] ?? this.entry?.by;
        const second = event.target.value;
        this.change({ by: second && second !== first ? [first, second] : [first] });
    }

    choosePeriod(event) {
        this.change({ period: event.target.value, ...(event.target.value === 'all' ? { compare: undefined } : {}) });
    }

    chooseCompare(event) {
        this.change({ compare: event.target.value || undefined });
    }

    dropFilter(event) {
        this.change({ where: this.question.where.filter((each) => each !== event.detail.key) });
    }

    drill(event) {
        go(reportAddress(this.name, this.question, event.detail.keys));
    }

    picked(event) {
        const begin = event.detail.label.replace(/…$/, '');
        const row = this.report.rows.find((each) => each.key.length === 1 && each.label.startsWith(begin));
        if (row) go(reportAddress(this.name, this.question, row.key));
    }

    close() {
        go(reportAddress(this.name, this.question));
    }

    renderedCallback() {
        if (this.row && this.records && this.brought !== this.row) {
            this.brought = this.row;
            this.refs.records?.scrollIntoView({ block: 'start' });
        }
    }

    async exportAs(event) {
        const { form } = event.currentTarget.dataset;
        this.exporting = form;
        this.exportProblem = null;
        try {
            const { name, content } = await file('/export', { report: this.name, question: sent(this.question), form });
            const link = document.createElement('a');
            link.href = URL.createObjectURL(content);
            link.download = name;
            link.click();
            setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
        } catch (error) {
            this.exportProblem = explained(error);
        }
        this.exporting = '';
    }

    get busyExporting() {
        return this.exporting !== '';
    }
}
