import { LightningElement } from 'lwc';
import { changed, get, post, useToken } from 'forcedex/api';
import { useLocale } from 'forcedex/format';
import { explained, remembered, suggested } from 'forcedex/hits';
import { label, language, speak } from 'forcedex/i18n';
import { Live } from 'forcedex/live';
import { Newest } from 'c/forcedexNewest';
import { useObjects, usePerson } from 'forcedex/org';
import { address, begin, go, onRoute, route } from 'forcedex/router';

const TYPING = new Set(['INPUT', 'TEXTAREA', 'SELECT']);

/** The whole page: who looks, the header, and what the address asks for. */
export default class App extends LightningElement {
    label = label;
    me = null;
    over = false;
    problem = null;
    opened = false;
    place = route();
    status = null;
    etag = '';
    suggestions = [];
    suggestedFor = '';
    recent = { searches: [], records: [] };
    asking = new Newest();
    live = new Live(() => this.look());
    menu = false;

    connectedCallback() {
        begin();
        onRoute((found) => {
            this.place = found;
            this.menu = false;
            this.named();
        });
        document.addEventListener('keydown', (event) => this.pressed(event));
        document.addEventListener('click', (event) => {
            if (this.menu && !event.composedPath().includes(this.refs.menu)) this.menu = false;
        });
        this.addEventListener('expired', () => this.expire());
        this.enter();
    }

    async enter() {
        this.problem = null;
        try {
            const [me, status] = await Promise.all([get('/me'), changed('/status', '')]);
            useToken(me.csrf);
            useLocale(me.locale, me.time_zone);
            usePerson(me);
            this.take(status);
            this.me = me;
            this.live.start();
            this.named();
        } catch (error) {
            if (error.status !== 401) this.problem = explained(error);
        }
        this.opened = true;
    }

    expire() {
        this.over = this.me !== null;
        this.me = null;
        usePerson(null);
        this.live.stop();
    }

    take(found) {
        if (!found) return;
        this.etag = found.etag;
        this.status = found.value;
        useObjects(found.value.objects);
    }

    async look() {
        try {
            this.take(await changed('/status', this.etag));
            if (this.status?.unreachable) this.status = { ...this.status, unreachable: false };
        } catch (error) {
            if (error.status === 401) this.expire();
            else if (this.status) this.status = { ...this.status, unreachable: true };
        }
    }

    named() {
        const names = { search: label.search, dashboard: label.dashboard, reports: label.reports, report: label.reports, operator: label.operator };
        const text = this.place.page === 'search' ? this.place.query.get('q') : '';
        document.title = [text, names[this.place.page], 'Forcedex'].filter(Boolean).join(' · ');
    }

    get start() {
        return this.opened && !this.me && !this.problem;
    }

    get typed() {
        return this.place.page === 'search' ? this.place.query.get('q') ?? '' : '';
    }

    get atHome() {
        return this.place.page === 'home';
    }
    get atSearch() {
        return this.place.page === 'search';
    }
    get atRecord() {
        return this.place.page === 'record';
    }
    get atDashboard() {
        return this.place.page === 'dashboard';
    }
    get atReports() {
        return this.place.page === 'reports';
    }
    get atReport() {
        return this.place.page === 'report';
    }
    get atOperator() {
        return this.place.page === 'operator';
    }

    get links() {
        const { page } = this.place;
        const found = [
            ['/', label.search, ['home', 'search', 'record'], 'M10.5 5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11Zm4 9.5L20 20'],
            ['/dashboard', label.dashboard, ['dashboard'], 'M5 19V11M10 19V5M15 19v-6M20 19V8'],
            ['/reports', label.reports, ['reports', 'report'], 'M6 4h9l4 4v12H6ZM9.5 12h6M9.5 16h6'],
        ];
        if (this.me?.admin) found.push(['/operator', label.operator, ['operator'], 'M4 8h9M18 8h2M4 16h2M11 16h9M13 5.5v5h4v-5ZM6.500 13.500v5h4v-5Z']);
        return found.map(([href, text, pages, path]) => ({
            href,
            text,
            path,
            current: pages.includes(page) ? 'page' : undefined,
            style: pages.includes(page) ? 'link current' : 'link',
        }));
    }

    get initials() {
        return this.me.name.split(/\s+/).map((each) => each[0]).filter((_, index, all) => index === 0 || index === all.length - 1).join('').toUpperCase();
    }

    get menuOpen() {
        return String(this.menu);
    }

    get other() {
        return language === 'zh' ? 'English' : '中文';
    }

    get otherCode() {
        return language === 'zh' ? 'en' : 'zh-Hans';
    }

    get shown() {
        return {
            suggestions: this.suggestions.map(suggested),
            recent: { searches: this.recent.searches, records: this.recent.records.map(remembered) },
        };
    }

    pressed(event) {
        const target = event.composedPath()[0];
        const typing = target instanceof HTMLElement && (TYPING.has(target.tagName) || target.isContentEditable);
        if (event.key === 'Escape' && this.menu) this.menu = false;
        if (typing || event.ctrlKey || event.metaKey || event.altKey || !this.me) return;
        if (event.key === '/') {
            event.preventDefault();
            this.refs.search.focus();
        } else if (event.key === 'ArrowDown' && target === document.body && this.atSearch) {
            const page = this.template.querySelector('forcedex-search-page');
            if (page) {
                event.preventDefault();
                page.focusHits();
            }
        }
    }

    async ask(event) {
        const { text } = event.detail;
        try {
            const found = await this.asking.run((signal) => post('/suggest', { text }, { signal }));
            if (found) {
                this.suggestions = found.suggestions;
                this.suggestedFor = text;
            }
        } catch (error) {
            // Searching itself tells what is wrong.
            if (error.status === 401) this.expire();
        }
    }

    async recall() {
        try {
            this.recent = await get('/recent');
        } catch (error) {
            if (error.status === 401) this.expire();
        }
    }

    search(event) {
        this.asking.stop();
        go(address('/search', { q: event.detail.text }));
    }

    open(event) {
        this.asking.stop();
        go(event.detail.href);
    }

    backToSearch() {
        this.refs.search.focus();
    }

    toggleMenu() {
        this.menu = !this.menu;
    }

    change() {
        speak(language === 'zh' ? 'en' : 'zh');
    }

    async logOut() {
        try {
            await fetch('/auth/logout', { method: 'POST', headers: { 'X-CSRF-Token': this.me.csrf } });
        } finally {
            location.assign('/');
        }
    }
}
