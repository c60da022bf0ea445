// The page that holds one component, as a Lightning page would: which one, for whom and with what is in the address.
import './start.js';
import { createElement } from 'lwc';
import components from 'preview/components';

const { wanted, properties } = window.preview;
const made = components[wanted] ?? Object.values(components)[0];
const { default: Component } = await made();
const element = createElement(`c-${wanted.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`, { is: Component });
for (const [name, value] of Object.entries(properties)) element[name] = value;
document.querySelector('.frame-place').append(element);
