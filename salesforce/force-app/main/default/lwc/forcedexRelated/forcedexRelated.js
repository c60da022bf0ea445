import { LightningElement, api } from 'lwc';
import { NavigationMixin } from 'lightning/navigation';
import locale from '@salesforce/i18n/locale';
import timeZone from '@salesforce/i18n/timeZone';
import related from '@salesforce/apex/ForcedexController.related';
import { number, useLocale } from 'c/forcedexFormat';
import { brief, explained } from 'c/forcedexHits';
import { Newest } from 'c/forcedexNewest';
import { problemOf } from 'c/forcedexProblems';
import { label, say } from 'c/forcedexWords';

const ACCOUNT = 'Account';
const MOST = 50;

useLocale(locale, timeZone);

/** Around a record: likely duplicates, an account's open deals and cases, similar records. */
export default class ForcedexRelated extends NavigationMixin(LightningElement) {
    label = label;
    parts = null;
    problem = null;
    record = '';
    object = '';
    each = 5;
    connected = false;
    asking = new Newest();

    /** Given by the record page. */
    @api
    get recordId() {
        return this.record;
    }
    set recordId(value) {
        if (value === this.record) return;
        this.record = value;
        this.changed();
    }

    @api
    get objectApiName() {
        return this.object;
    }
    set objectApiName(value) {
        if (value === this.object) return;
        this.object = value;
        this.changed();
    }

    /** Records of each kind, 1 to 50. */
    @api
    get size() {
        return this.each;
    }
    set size(value) {
        this.each = Math.min(Math.max(Math.trunc(Number(value)) || 5, 1), MOST);
    }

    connectedCallback() {
        this.connected = true;
        this.load();
    }

    disconnectedCallback() {
        this.connected = false;
        this.asking.stop();
    }

    get kinds() {
        return this.object === ACCOUNT ? ['duplicates', 'open', 'similar'] : ['duplicates', 'similar'];
    }

    // A page gives a record and its object one after the other: both are asked about once.
    async changed() {
        if (!this.connected) return;
        const { record, object } = this;
        this.forget();
        await Promise.resolve();
        if (this.connected && record === this.record && object === this.object) this.load();
    }

    forget() {
        this.asking.stop();
        this.parts = null;
        this.problem = null;
    }

    async load() {
        this.forget();
        if (!this.record) return;
        const { record, each, kinds } = this;
        try {
            const found = await this.asking.run(() =>
                Promise.all(kinds.map((kind) => related({ recordId: record, kind, size: each }))),
            );
            if (found) this.parts = found.map((part, index) => ({ kind: kinds[index], ...part }));
        } catch (error) {
            this.problem = explained(problemOf(error));
        }
    }

    get waiting() {
        return Boolean(this.record) && this.parts === null && this.problem === null;
    }

    get groups() {
        return (this.parts ?? [])
            .filter((part) => part.hits.length > 0)
            .map((part) => ({
                kind: part.kind,
                heading: { duplicates: label.duplicates, open: label.openRecords, similar: label.similar }[part.kind],
                count: part.about ? say('about', { text: number(part.total) }) : number(part.total),
                style: part.kind === 'duplicates' ? 'slds-badge slds-theme_warning' : 'slds-badge',
                records: part.hits.map((hit) => ({
                    id: hit.id,
                    object: hit.object,
                    title: hit.title,
                    href: hit.url,
                    note: brief(hit),
                })),
            }));
    }

    get alone() {
        return this.parts !== null && this.groups.length === 0;
    }

    open(event) {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        const { id: recordId, object: objectApiName } = event.currentTarget.dataset;
        this[NavigationMixin.Navigate]({
            type: 'standard__recordPage',
            attributes: { recordId, objectApiName, actionName: 'view' },
        });
    }
}
