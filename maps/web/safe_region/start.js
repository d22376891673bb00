/* Puts the page together: choices, list, map and address follow one state. */
(function (SR) {
  'use strict';

  SR.start = function (map, layers) {
    SR.map = map;
    SR.layers = layers;
    const kept = SR.readHash();
    SR.preparePanes(map);
    applyKept(kept);
    controls(map);
    layers.basemap.addTo(map);
    useMonth();
    bindChoices();
    bindLayers(kept.layers);
    bindMap(map);
    bindPhone();
    bindSkips();
    follow();
    paintLegend();
    SR.watchTiles(layers);
    SR.loadDaylight();
    loadRun();
    loadSchools();
    SR.loadList().then(function () {
      if (kept.place) {
        SR.choose(kept.place, { fly: !kept.position });
      }
    });
    SR.writeHash();
  };

  function applyKept(kept) {
    const choice = {};
    if (kept.view) {
      choice.view = kept.view;
    }
    const select = SR.byId('sr-window');
    const offered = Array.prototype.some.call(select ? select.options : [], function (option) {
      return option.value === kept.window;
    });
    if (offered) {
      choice.window = kept.window;
    }
    if (kept.month && SR.byId('sr-month')) {
      choice.month = kept.month;
      choice.day = kept.day;
    }
    Object.assign(SR.state, SR.fitting(Object.assign({}, SR.state, choice)));
    if (kept.position) {
      SR.map.setView([kept.position[1], kept.position[2]], kept.position[0], { animate: false });
    }
  }

  function controls(map) {
    L.control.zoom({
      position: 'topright', zoomInTitle: SR.settings.zoomIn, zoomOutTitle: SR.settings.zoomOut,
    }).addTo(map);
    L.control.scale({ imperial: false, position: 'bottomleft' }).addTo(map);
    L.control.attribution({ prefix: false, position: 'bottomleft' })
      .addAttribution(SR.settings.attribution).addTo(map);
  }

  function bindChoices() {
    const select = SR.byId('sr-window');
    if (select) {
      select.addEventListener('change', function () {
        SR.set('window', select.value);
      });
    }
    SR.byId('sr-choices').addEventListener('submit', function (event) {
      event.preventDefault();
    });
    document.querySelectorAll('input[name=view]').forEach(function (input) {
      input.addEventListener('change', function () {
        SR.set('view', input.value);
      });
    });
    SR.bindMonth();
    showChoices();
  }

  function showChoices() {
    const select = SR.byId('sr-window');
    const notes = [SR.settings.viewNotes[SR.state.view]].concat(SR.monthNotes());
    SR.byId('sr-view-note').textContent = notes.filter(Boolean).join(' ');
    document.querySelectorAll('input[name=view]').forEach(function (input) {
      input.checked = input.value === SR.state.view;
    });
    SR.showMonth();
    if (select) {
      select.disabled = SR.state.view !== 'harm';
      select.value = SR.shownWindow();
    }
  }

  function bindLayers(kept) {
    document.querySelectorAll('input[name=layer]').forEach(function (input) {
      if (kept) {
        input.checked = kept.indexOf(input.value) >= 0;
      }
      switchLayer(input.value, input.checked);
      input.addEventListener('change', function () {
        switchLayer(input.value, input.checked);
        SR.writeHash();
      });
    });
  }

  function switchLayer(name, shown) {
    const layer = name === 'schools' ? SR.schoolLayer() : SR.layers[name];
    SR.state.layers[name] = shown;
    if (layer && shown !== SR.map.hasLayer(layer)) {
      if (shown) {
        layer.addTo(SR.map);
      } else {
        layer.removeFrom(SR.map);
      }
    }
  }

  /* Show a layer that is not shown yet; tell whether it had to be switched. */
  function switchOn(name) {
    const input = document.querySelector('input[name=layer][value=' + name + ']');
    if (!input || input.checked) {
      return false;
    }
    input.checked = true;
    switchLayer(name, true);
    return true;
  }

  function bindMap(map) {
    map.on('moveend', SR.writeHash);
    map.on('zoomend', function () {
      const shown = map.getContainer().classList;
      shown.toggle('sr-near', map.getZoom() >= SR.settings.sectionsFromZoom);
      shown.toggle('sr-far', map.getZoom() < 14);
      shown.toggle('sr-very-far', map.getZoom() < 12);
    });
    map.fire('zoomend');
    map.on('click', function (event) {
      if (SR.placeLamp(event.latlng)) {
        return;
      }
      SR.pickAt(event.latlng).then(function (found) {
        if (!found) {
          return null;
        }
        if (!SR.listedRole) {
          return SR.sayClass(found.feature.properties);
        }
        if (found.kind === 'cells' && map.getZoom() < SR.settings.cellsFromZoom) {
          return map.flyTo(event.latlng, SR.settings.cellsFromZoom + 1, { animate: !SR.calm() });
        }
        const id = String(found.feature.properties.id);
        return SR.choose(id, { kind: found.kind, outline: found.feature, fly: false });
      });
    });
  }

  function bindPhone() {
    document.querySelectorAll('.sr-tabs button').forEach(function (button) {
      button.addEventListener('click', function () {
        SR.turnTo(button.dataset.show);
      });
    });
    if (SR.phone()) {
      SR.byId('sr-legend').open = false;
      if (!SR.listedRole) {
        SR.turnTo('map');
      }
    }
    window.addEventListener('resize', function () {
      SR.map.invalidateSize();
    });
  }

  /* The skip links must not write over the state in the address. */
  function bindSkips() {
    document.querySelectorAll('.sr-skip').forEach(function (link) {
      link.addEventListener('click', function (event) {
        event.preventDefault();
        SR.turnTo(link.dataset.focus === 'sr-map' ? 'map' : 'list');
        SR.byId(link.dataset.focus).focus();
      });
    });
  }

  function follow() {
    SR.on('choice', function () {
      useMonth();
      showChoices();
      SR.loadDaylight();
      reload();
    });
    SR.on('school', function () {
      if (!SR.state.school || !switchOn('routes')) {
        redraw(['routes']);
      }
    });
    SR.on('view', function () {
      if (SR.state.view === 'dark' && switchOn('lighting')) {
        SR.writeHash();
      }
    });
    SR.on('listed', SR.showRanked);
    document.addEventListener('safe-region-theme', function () {
      paintLegend();
      SR.layers.basemap.repaint();
      redraw(Object.keys(SR.layers));
      SR.showRanked(SR.listed ? Array.from(SR.listed.values()) : []);
      const feature = SR.state.place && SR.featureOf(SR.state.place);
      SR.showChosen(feature);
    });

    function reload() {
      redraw(SR.settings.monthLayers);
      SR.showPicked(null);
      SR.loadList().then(function () {
        const place = SR.state.place;
        if (place) {
          SR.choose(place, { fly: false });
        }
      });
    }
  }

  function useMonth() {
    SR.settings.monthLayers.forEach(function (name) {
      if (SR.layers[name]) {
        SR.layers[name].useVariant(SR.monthLayer(name));
      }
    });
  }

  function redraw(names) {
    names.forEach(function (name) {
      const layer = SR.layers[name];
      if (layer && layer.redraw && SR.map.hasLayer(layer)) {
        layer.redraw();
      }
    });
  }

  function paintLegend() {
    const palette = SR.palette();
    const root = document.documentElement.style;
    palette.classes.forEach(function (colour, index) {
      root.setProperty('--class-' + (index + 2), colour);
      root.setProperty('--on-class-' + (index + 2), palette.on_classes[index]);
    });
    ['chosen', 'chosen_casing', 'route', 'lamp_working', 'camera', 'school', 'ground', 'text_halo']
      .forEach(function (name) {
        root.setProperty('--' + name.replace(/_/g, '-'), palette[name]);
      });
  }

  function loadRun() {
    return SR.ask('/runs/current').then(function (run) {
      SR.asOf = run.as_of;
      SR.byId('sr-place').textContent = run.name || '';
      SR.byId('sr-date').textContent = run.data_date || '';
      if (run.reading_note) {
        SR.byId('sr-note').textContent = run.reading_note;
      }
      if (run.basis_note) {
        SR.byId('sr-legend-note').textContent = run.basis_note;
      }
    }).catch(function () {
      SR.byId('sr-status').textContent = SR.words.failed;
    });
  }

  function loadSchools() {
    return SR.ask('/schools').then(function (answer) {
      SR.showSchools(answer.features || []);
    }).catch(function () {
      SR.showSchools([]);
    });
  }
})(window.SafeRegion);
