/* The month and kind of day that list, map and numbers are of, and how dark it is then. */
(function (SR) {
  'use strict';

  const WALKED = ['walk', 'dark'];
  let asked = 0;
  let wanted = 'school';

  /* What every question about a place carries; nothing for the whole year. */
  SR.monthQuery = function () {
    return SR.state.month ? { month: SR.state.month, day: SR.state.day } : {};
  };

  /* The layer that holds the month: cells-01-school beside cells. */
  SR.monthLayer = function (name) {
    const month = SR.state.month;
    if (!month || SR.settings.monthLayers.indexOf(name) < 0) {
      return name;
    }
    return name + '-' + String(month).padStart(2, '0') + '-' + SR.state.day;
  };

  /* A choice without what it cannot have: some months have no school day, and on a day without
     school nobody walks to school. */
  SR.fitting = function (choice) {
    const fitted = Object.assign({}, choice);
    if (hasNoSchool(fitted.month)) {
      fitted.day = 'off';
    }
    if (fitted.month && fitted.day === 'off') {
      if (SR.settings.schoolWindows.indexOf(fitted.window) >= 0) {
        fitted.window = 'day';
      }
      if (WALKED.indexOf(fitted.view) >= 0) {
        fitted.view = 'harm';
      }
    }
    return fitted;
  };

  SR.bindMonth = function () {
    const select = SR.byId('sr-month');
    if (!select) {
      return;
    }
    wanted = hasNoSchool(SR.state.month) ? 'school' : SR.state.day;
    select.addEventListener('change', function () {
      choose({ month: Number(select.value) || null, day: wanted });
    });
    kinds().forEach(function (input) {
      input.addEventListener('change', function () {
        wanted = input.value;
        choose({ day: wanted });
      });
    });
  };

  /* Bring the fields in line with the state: what is chosen, and what can be. */
  SR.showMonth = function () {
    const select = SR.byId('sr-month');
    if (!select) {
      return;
    }
    const out = schoolIsOut();
    select.value = SR.state.month || '';
    SR.byId('sr-day').disabled = !SR.state.month;
    kinds().forEach(function (input) {
      input.checked = input.value === SR.state.day;
      input.disabled = input.value === 'school' && hasNoSchool(SR.state.month);
    });
    document.querySelectorAll('#sr-window option').forEach(function (option) {
      option.hidden = out && SR.settings.schoolWindows.indexOf(option.value) >= 0;
      option.disabled = option.hidden;
    });
    document.querySelectorAll('input[name=view]').forEach(function (input) {
      input.disabled = out && WALKED.indexOf(input.value) >= 0;
    });
  };

  /* What is said where school is out: why, and that there is no order by the walk. */
  SR.monthNotes = function () {
    const walk = document.querySelector('input[name=view][value=walk]');
    return [
      hasNoSchool(SR.state.month) ? SR.words.noSchoolDay : '',
      walk && schoolIsOut() ? SR.words.noWalk : '',
    ];
  };

  /* Ask how dark the chosen hours are, and state it beside the list and on the map. */
  SR.loadDaylight = function () {
    const holder = SR.byId('sr-daylight');
    if (!holder) {
      return Promise.resolve();
    }
    holder.setAttribute('aria-busy', 'true');
    const mine = ++asked;
    const choice = { window: SR.shownWindow() };
    if (SR.state.month) {
      choice.month = SR.state.month;
    }
    return SR.ask('/daylight', choice).then(function (answer) {
      if (mine === asked) {
        state(answer.sentence);
      }
    }).catch(function () {
      if (mine === asked) {
        const select = SR.byId('sr-month');
        state(select.options[select.selectedIndex].text);
      }
    });
  };

  function hasNoSchool(month) {
    return SR.settings.monthsWithoutSchool.indexOf(month) >= 0;
  }

  function schoolIsOut() {
    return Boolean(SR.state.month) && SR.state.day === 'off';
  }

  function choose(changed) {
    const state = SR.state;
    const now = { view: state.view, window: state.window, month: state.month, day: state.day };
    SR.change(SR.fitting(Object.assign(now, changed)));
  }

  function kinds() {
    return document.querySelectorAll('input[name=day]');
  }

  function state(sentence) {
    const kind = SR.state.month ? SR.settings.dayKinds[SR.state.day] + ' · ' : '';
    const said = (kind + sentence).replace(/ %/g, '\u00a0%');
    SR.byId('sr-daylight').textContent = said;
    SR.byId('sr-daylight').removeAttribute('aria-busy');
    SR.byId('sr-map-daylight').textContent = said;
  }
})(window.SafeRegion);
