import { LightningElement, api } from 'lwc';
import { changed, get } from 'forcedex/api';
import { ago } from 'forcedex/format';
import { brief, explained } from 'c/forcedexHits';
import { label, say } from 'forcedex/i18n';
import { Live } from 'forcedex/live';
import { Newest } from 'c/forcedexNewest';
import { kindsOf } from 'forcedex/org';
import { recordAddress } from 'forcedex/router';
import { shown } from 'forcedex/values';

const FIRST = ['Account', 'StageName', 'Status', 'Amount', 'CloseDate', 'Company', 'Email', 'Phone', 'Industry', 'Priority', 'Type', 'OwnerId', 'AnnualRevenue', 'Title'];
const SYSTEM = /^(Id|Created|LastModified|SystemModstamp|IsDeleted|LastViewed|LastReferenced|LastActivity|CurrencyIsoCode|RecordTypeId|MasterRecordId|PhotoUrl|Jigsaw|CleanStatus)/;
const LONG = new Set(['textarea', 'html', 'address']);
const EACH = 6; // related records shown of one kind
const MOST = 50;

/** One record: every field that one may see, and the records around it. */
export default class RecordPage extends LightningElement {
    label = label;
    record = null;
    problem = null;
    children = null;
    similar = [];
    duplicates = [];
    updated = new Set();
    asking = new Newest();
    around = new Newest();
    live = new Live(() => this.look());

    @api
    get place() {
        return this.current;
    }
    set place(found) {
        this.current = found;
        const [object, id] = found.parts;
        if (this.object === object && this.id === id) return;
        this.object = object;
        this.id = id;
        this.load();
    }

    disconnectedCallback() {
        this.live.stop();
        this.asking.stop();
        this.around.stop();
        clearTimeout(this.fading);
    }

    get path() {
        return `/records/${encodeURIComponent(this.object)}/${encodeURIComponent(this.id)}`;
    }

    async load() {
        this.live.stop();
        this.children = null;
        this.similar = [];
        this.duplicates = [];
        try {
            const found = await this.asking.run((signal) => changed(this.path, '', { signal }));
            if (!found) return;
            this.etag = found.etag;
            this.record = found.value;
            this.problem = null;
            this.live.restart();
            document.title = `${this.record.title} · Forcedex`;
        } catch (error) {
            this.fail(error);
            return;
        }
        this.relate();
    }

    async relate() {
        const part = (kind, size) => (signal) => get(`${this.path}/related?kind=${kind}&size=${size}`, { signal });
        try {
            const found = await this.around.run(async (signal) => {
                const one = (kind, size) => part(kind, size)(signal).catch(() => ({ hits: [], counts: {} }));
                return Promise.all([one('children', MOST), one('duplicates', EACH), one('similar', EACH)]);
            });
            if (found) [this.children, this.duplicates, this.similar] = [found[0], found[1].hits, found[2].hits];
        } catch {
            this.children = { hits: [], counts: {} };
        }
    }

    async look() {
        try {
            const found = await this.asking.run((signal) => changed(this.path, this.etag, { signal }));
            if (!found) return;
            const before = new Map(this.record.fields.map((each) => [each.path, JSON.stringify(each.value) + each.text]));
            const fields = found.value.fields.filter((each) => before.get(each.path) !== JSON.stringify(each.value) + each.text);
            this.etag = found.etag;
            this.record = found.value;
            this.updated = new Set(fields.map((each) => each.path));
            clearTimeout(this.fading);
            this.fading = setTimeout(() => { this.updated = new Set(); }, 6_000);
            this.relate();
        } catch (error) {
            if (error.status === 404 || error.status === 401) this.fail(error);
        }
    }

    fail(error) {
        if (error.status === 401) this.dispatchEvent(new CustomEvent('expired', { bubbles: true, composed: true }));
        this.live.stop();
        this.record = null;
        this.problem = error.status === 404 ? { heading: label.noRecord, hint: label.noRecordHint } : explained(error);
    }

    get loading() {
        return !this.record && !this.problem;
    }

    get currency() {
        return this.record.fields.find((each) => each.path === 'CurrencyIsoCode')?.value;
    }

    made(field) {
        const found = shown(field, this.currency);
        return {
            path: field.path,
            // A reference is shown by its name.
            label: field.type === 'reference' && found.href ? field.label.replace(/ ID$/, '') : field.label,
            ...found,
            inside: found.href && !found.outside ? found.href : undefined,
            outside: found.href && found.outside ? found.href : undefined,
            style: `${LONG.has(field.type) && found.text.length > 60 ? 'long' : ''} ${this.updated.has(field.path) ? 'updated' : ''}`,
        };
    }

    get named() {
        return new Set(['Name', 'FirstName', 'LastName', 'Salutation'].filter((path) => this.record.fields.some((each) => each.path === 'Name' || path === 'Name')));
    }

    get facts() {
        const order = (each) => FIRST.findIndex((path) => each.path === path || each.path === `${path}Id`);
        return this.record.fields
            .filter((each) => order(each) >= 0)
            .sort((one, other) => order(one) - order(other))
            .slice(0, 6)
            .map((each) => this.made(each));
    }

    get details() {
        return this.record.fields.filter((each) => !SYSTEM.test(each.path) && !this.named.has(each.path)).map((each) => this.made(each));
    }

    get system() {
        return this.record.fields.filter((each) => SYSTEM.test(each.path)).map((each) => this.made(each));
    }

    get outsideText() {
        return label.openInSalesforce;
    }

    get age() {
        return say('takenOver', { time: ago(this.record.synced_at) });
    }

    get groups() {
        const kinds = new Map();
        for (const each of this.children?.hits ?? []) {
            if (!kinds.has(each.object)) kinds.set(each.object, []);
            kinds.get(each.object).push(each);
        }
        const counts = this.children?.counts ?? {};
        return [...kinds].map(([object, hits]) => ({
            object,
            heading: kindsOf(object),
            total: counts[kindsOf(object)] ?? hits.length,
            records: hits.slice(0, EACH).map((each) => this.brief(each)),
        })).sort((one, other) => other.total - one.total);
    }

    brief(hit) {
        return {
            id: hit.id,
            title: hit.title,
            href: recordAddress(hit.object, hit.id),
            note: brief(hit),
        };
    }

    get duplicateRecords() {
        return this.duplicates.map((each) => this.brief(each));
    }

    get similarRecords() {
        return this.similar.map((each) => this.brief(each));
    }

    get hasDuplicates() {
        return this.duplicates.length > 0;
    }

    get hasSimilar() {
        return this.similar.length > 0;
    }

    get alone() {
        return this.children !== null && !this.groups.length && !this.hasDuplicates && !this.hasSimilar;
    }

    get relating() {
        return this.children === null;
    }
}
