/* Incidents around a place: counts by quarter and distance; single ones only when asked for. */
(function (SR) {
  'use strict';

  const element = SR.element;

  /* Add the counts to a panel, and for the prosecutor the button that asks for single incidents. */
  SR.near = function (panel, kind, id, quarters) {
    if (quarters.length) {
      panel.appendChild(element('h3', '', SR.words.quarters));
      panel.appendChild(table(quarters));
    }
    if (SR.settings.role === 'prosecutor' && quarters.length) {
      const holder = element('div', 'sr-incidents');
      const show = element('button', 'sr-button', SR.words.showIncidents);
      show.type = 'button';
      show.addEventListener('click', function () {
        reveal(holder, kind, id);
      });
      holder.appendChild(show);
      panel.appendChild(holder);
    }
  };

  function reveal(holder, kind, id) {
    SR.clear(holder);
    holder.appendChild(element('p', 'sr-hint', SR.words.loading));
    SR.ask('/' + kind + '/' + id + '/incidents').then(function (answer) {
      SR.clear(holder);
      const head = element('h3', '', SR.words.incidents);
      head.tabIndex = -1;
      holder.appendChild(head);
      list(holder, answer.incidents || []);
      holder.appendChild(element('p', 'sr-hint', answer.note));
      head.focus({ preventScroll: true });
    }).catch(function () {
      SR.clear(holder);
      holder.appendChild(element('p', 'sr-hint', SR.words.failed));
    });
  }

  function list(holder, incidents) {
    if (!incidents.length) {
      holder.appendChild(element('p', '', SR.words.noIncident));
      return;
    }
    const rows = element('ol', 'sr-factors');
    incidents.forEach(function (one) {
      const item = element('li');
      const text = [one.day_text, one.kind_text, one.ring_text].join(' · ');
      item.appendChild(element('span', 'sr-factor-word', text));
      item.appendChild(element('b', 'sr-factor-value', one.factor));
      rows.appendChild(item);
    });
    holder.appendChild(rows);
  }

  function table(quarters) {
    const made = element('table', 'sr-quarters');
    const head = element('tr');
    head.appendChild(cell('th', SR.words.quarter, 'col'));
    quarters[0].rings.forEach(function (ring) {
      head.appendChild(cell('th', ring.word, 'col'));
    });
    const top = element('thead');
    top.appendChild(head);
    made.appendChild(top);
    const body = element('tbody');
    quarters.forEach(function (quarter) {
      const row = element('tr');
      row.appendChild(cell('th', quarter.word, 'row'));
      quarter.rings.forEach(function (ring) {
        row.appendChild(cell('td', ring.text));
      });
      body.appendChild(row);
    });
    made.appendChild(body);
    return made;
  }

  function cell(tag, text, scope) {
    const made = element(tag, '', text);
    if (scope) {
      made.scope = scope;
    }
    return made;
  }
})(window.SafeRegion);
