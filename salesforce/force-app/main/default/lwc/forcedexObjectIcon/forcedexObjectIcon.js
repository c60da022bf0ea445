import { LightningElement, api } from 'lwc';

// Drawn for 24 × 24.
const DRAWN = {
    Account: ['#5b54c9', 'M5 20V5h9v15M14 10h5v10M4 20h16M8 8.5h3M8 12h3M8 15.5h3'],
    Contact: ['#7a3fb0', 'M12 12a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM5 20c0-4 3-6 7-6s7 2 7 6'],
    User: ['#1f6f8b', 'M12 12a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM5 20c0-4 3-6 7-6s7 2 7 6'],
    Lead: ['#b4531a', 'm12 4 2.4 5 5.6.7-4.1 3.8 1.1 5.5-5-2.8-5 2.8 1.1-5.5L4 9.7 9.6 9Z'],
    Opportunity: ['#a65d00', 'M4 17l5-6 4 3.5L20 6M15 6h5v5'],
    Case: ['#b3296a', 'M4 9h16v10H4ZM9 9V6h6v3M4 13.5h16'],
    Task: ['#2a7d4f', 'm5 12.5 4.5 4.5L19 7.5'],
    Event: ['#8a3b8f', 'M5 6.5h14V19H5ZM5 10.5h14M9 4.5v3M15 4.5v3'],
    Campaign: ['#a8421f', 'M5 10v4h3l7 4V6l-7 4ZM18 10v4'],
    Product2: ['#5a6b7b', 'm12 4 7 3.8v8.4L12 20l-7-3.8V7.8ZM5 8l7 4 7-4M12 12v8'],
};
const OTHER = ['#566274', 'M7 4h7l4 4v12H7ZM14 4v4h4M10 12h5M10 15.5h5'];

/** The sign of an object; says nothing to a reader of screens, its name stands beside it. */
export default class ObjectIcon extends LightningElement {
    @api object = '';
    /** Pixels; a style sheet may say otherwise. */
    @api size = 32;

    get path() {
        return (DRAWN[this.object] ?? OTHER)[1];
    }

    get colour() {
        return (DRAWN[this.object] ?? OTHER)[0];
    }
}
