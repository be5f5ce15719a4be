// Exact amounts: decimal digits all the way, never a float.

import { Malformed } from './rows.js';

// ISO 4217: how many decimals a currency has. Add what your bank has; one that is not here is rejected, never guessed.
const DECIMALS = new Map(Object.entries({ AUD: 2, BHD: 3, CAD: 2, CHF: 2, CLF: 4, CZK: 2, DKK: 2, EUR: 2, GBP: 2, HUF: 2,
  ISK: 0, JPY: 0, KRW: 0, KWD: 3, NOK: 2, PLN: 2, RON: 2, SEK: 2, TND: 3, USD: 2 }));
const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/;
const MOST_DIGITS = 100;

/** The asset of the contract: `EUR/2`. */
export function asset(currency) {
  if (!DECIMALS.has(currency)) throw new Malformed('expected a currency that this connector knows, such as EUR');
  return `${currency}/${DECIMALS.get(currency)}`;
}

/** The minor units of a decimal number in text: `12.50` EUR are `1250`. */
export function minor(text, currency) {
  const fitting = `expected no more decimals than ${asset(currency)} has, and at most ${MOST_DIGITS} digits`;
  const found = NUMBER.exec(text ?? '');
  if (!found) throw new Malformed(`${String(text).slice(0, 40)} is not a number`);
  const [, sign, units, places = '', exponent = '0'] = found;
  const digits = (units + places).replace(/^0+/, '');
  const kept = digits.replace(/0+$/, '');
  const zeros = Number(exponent) - places.length + DECIMALS.get(currency) + digits.length - kept.length;
  if (kept === '') return '0';
  if (zeros < 0 || kept.length + zeros > MOST_DIGITS) throw new Malformed(fitting);
  return sign + kept + '0'.repeat(zeros);
}
