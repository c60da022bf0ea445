import { LightningElement, api } from 'lwc';
import { label, say } from 'c/forcedexWords';

const SHORTEST = 2; // characters
const OPTION = 'option slds-media slds-media_center slds-listbox__option slds-listbox__option_entity';
const BOX =
    'box slds-combobox slds-dropdown-trigger slds-dropdown-trigger_click slds-is-relative slds-input-has-icon slds-input-has-icon_left-right';

/**
 * Where one types what is searched for. Gets `suggestions` (for the text in `suggestedFor`) and `recent`; fires `ask`
 * (a pause in typing), `search` (text), `open` (a record) and `recall` (it wants to know what was recent).
 */
export default class SearchBox extends LightningElement {
    @api suggestions = [];
    @api suggestedFor = '';
    @api recent = { searches: [], records: [] };
    @api placeholder = '';
    /** Milliseconds without a key before we ask. */
    @api pause = 170;
    /** Whether `/` leads here: the sign for it is shown. */
    @api slash = false;
    label = label;
    text = '';
    shown = false;
    active = -1;
    timer = 0;
    drawn = false;

    @api
    get value() {
        return this.text;
    }
    set value(text) {
        this.text = text ?? '';
        if (this.drawn && this.refs.input.value !== this.text) this.refs.input.value = this.text;
    }

    /** Begin to type here. */
    @api focus() {
        this.refs.input.focus();
        this.refs.input.select();
    }

    renderedCallback() {
        this.drawn = true;
        const { input } = this.refs;
        if (this.template.activeElement !== input && input.value !== this.text) input.value = this.text;
    }

    disconnectedCallback() {
        clearTimeout(this.timer);
    }

    get typed() {
        return this.text.trim();
    }

    /** What can be chosen: the search itself and records; or what was recent while nothing is typed. */
    get options() {
        const found = [];
        if (this.typed) {
            found.push({ kind: 'search', text: this.typed, note: label.searchAll });
            if (this.typed.length >= SHORTEST && this.fits) {
                for (const each of this.suggestions)
                    found.push({
                        kind: 'record',
                        segments: each.title,
                        note: each.detail,
                        object: each.object,
                        id: each.id,
                        href: each.href,
                    });
            }
        } else {
            for (const text of this.recent.searches.slice(0, 5)) found.push({ kind: 'recent', text, note: '' });
            for (const each of this.recent.records.slice(0, 5))
                found.push({
                    kind: 'record',
                    segments: [{ text: each.title, hit: false }],
                    note: each.note,
                    object: each.object,
                    id: each.id,
                    href: each.href,
                });
        }
        return found.map((each, index) => ({
            ...each,
            key: `${each.kind}-${each.id ?? each.text}`,
            index,
            id: `option-${index}`,
            record: each.kind === 'record',
            again: each.kind === 'recent',
            chosen: index === this.active ? 'true' : 'false',
            style: `${OPTION}${index === this.active ? ' active slds-has-focus' : ''}`,
            target: each,
        }));
    }

    // Suggestions for what is typed, or for its beginning: nothing flickers while newer ones are on their way.
    get fits() {
        const known = this.suggestedFor.trim().toLocaleLowerCase();
        return known.length >= SHORTEST && this.typed.toLocaleLowerCase().startsWith(known);
    }

    get expanded() {
        return this.shown && this.options.length > 0;
    }

    get collapsed() {
        return !this.expanded;
    }

    get box() {
        return this.expanded ? `${BOX} slds-is-open` : BOX;
    }

    get ariaExpandedText() {
        return String(this.expanded);
    }

    get activeId() {
        return this.expanded && this.active >= 0 ? `option-${this.active}` : undefined;
    }

    get said() {
        const records = this.options.filter((each) => each.record).length;
        return this.expanded && this.typed && this.fits ? say('suggestionCount', { n: records }) : '';
    }

    get heading() {
        return this.typed ? '' : label.recent;
    }

    get filled() {
        return this.text !== '';
    }

    get hinted() {
        return this.slash && !this.filled;
    }

    typing(event) {
        this.text = event.target.value;
        this.shown = true;
        this.active = -1;
        clearTimeout(this.timer);
        // eslint-disable-next-line @lwc/lwc/no-async-operation -- cleared when something else is typed, and when it is gone
        if (this.typed.length >= SHORTEST) this.timer = setTimeout(() => this.tell('ask', { text: this.typed }), this.pause);
    }

    focused() {
        this.shown = true;
        this.active = -1;
        this.tell('recall');
    }

    left() {
        this.shown = false;
        this.active = -1;
    }

    pressed(event) {
        const count = this.options.length;
        if (event.isComposing) return;
        switch (event.key) {
            case 'ArrowDown':
            case 'ArrowUp':
                event.preventDefault();
                if (!this.shown) this.shown = true;
                else if (count) {
                    const step = event.key === 'ArrowDown' ? 1 : -1;
                    this.active = this.active < 0 && step < 0 ? count - 1 : (this.active + step + count) % count;
                }
                break;
            case 'Enter':
                event.preventDefault();
                if (this.expanded && this.active >= 0) this.choose(this.options[this.active].target);
                else if (this.typed) this.choose({ kind: 'search', text: this.typed });
                break;
            case 'Escape':
                event.preventDefault();
                if (this.expanded) this.left();
                else if (this.text) this.clear();
                else this.refs.input.blur();
                break;
            case 'Tab':
                this.left();
                break;
            default:
        }
    }

    // Before the input loses the focus.
    pointed(event) {
        event.preventDefault();
        this.choose(this.options[Number(event.currentTarget.dataset.index)].target);
    }

    choose(option) {
        clearTimeout(this.timer);
        this.left();
        if (option.kind === 'record') {
            this.tell('open', { object: option.object, id: option.id, href: option.href });
        } else {
            this.text = option.text;
            this.refs.input.value = option.text;
            this.tell('search', { text: option.text });
        }
        this.refs.input.blur();
    }

    submitted(event) {
        event.preventDefault();
        if (this.typed) this.choose({ kind: 'search', text: this.typed });
    }

    clear() {
        clearTimeout(this.timer);
        this.text = '';
        this.refs.input.value = '';
        this.active = -1;
        this.refs.input.focus();
        this.tell('clear');
    }

    tell(name, detail) {
        this.dispatchEvent(new CustomEvent(name, { detail }));
    }
}
