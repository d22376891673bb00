/* The clerk's pages work without scripts. This one follows a running job, and puts a place chosen
   on the map into the form of the row that waits for it. */
(function () {
  'use strict';

  const ASK_EVERY = 1000;
  const job = document.getElementById('sr-job');
  if (job && document.getElementById('sr-job-progress')) {
    window.setTimeout(ask, ASK_EVERY);
  }
  const place = document.getElementById('sr-pin-map');
  if (place && window.SafeRegion && window.L) {
    chooseOn(place, window.SafeRegion);
  }

  function ask() {
    fetch(job.dataset.address, { headers: { Accept: 'application/json' }, cache: 'no-store' })
      .then(function (answer) {
        if (!answer.ok) {
          throw new Error('HTTP ' + answer.status);
        }
        return answer.json();
      })
      .then(function (told) {
        if (told.state !== job.dataset.state) {
          window.location.reload();
          return;
        }
        show(told);
        window.setTimeout(ask, ASK_EVERY);
      })
      .catch(function () {
        window.setTimeout(ask, 5 * ASK_EVERY);
      });
  }

  function show(told) {
    const stage = document.getElementById('sr-job-stage');
    if (stage.textContent !== told.stage_text) {
      stage.textContent = told.state === 'running' ? told.stage_text : '';
    }
    if (told.progress > 0) {
      document.getElementById('sr-job-progress').value = told.progress;
    }
  }

  function chooseOn(node, SR) {
    const settings = SR.settings;
    const map = L.map(node, { zoomControl: false, attributionControl: false, maxZoom: 19 });
    SR.preparePanes(map);
    const bounds = L.latLngBounds(settings.bounds);
    map.setView(bounds.getCenter(), map.getBoundsZoom(bounds) + 1);
    L.control.zoom({
      position: 'topright', zoomInTitle: settings.zoomIn, zoomOutTitle: settings.zoomOut,
    }).addTo(map);
    L.control.attribution({ prefix: false }).addAttribution(settings.attribution).addTo(map);
    const streets = SR.basemap(settings);
    streets.addTo(map);
    document.documentElement.style.setProperty('--ground', SR.palette().ground);
    document.addEventListener('safe-region-theme', function () {
      document.documentElement.style.setProperty('--ground', SR.palette().ground);
      streets.repaint();
    });

    const mark = L.circleMarker([0, 0], {
      radius: 9, weight: 3, color: SR.palette().chosen, fillOpacity: 0.35,
    });
    let form = null;
    document.querySelectorAll('.sr-pin').forEach(function (one) {
      const button = one.querySelector('.sr-choose');
      button.hidden = false;
      button.setAttribute('aria-pressed', 'false');
      button.addEventListener('click', function () {
        turnTo(one);
        node.scrollIntoView({ block: 'nearest' });
      });
    });

    map.on('click', function (event) {
      if (!form) {
        turnTo(document.querySelector('.sr-pin'));
      }
      form.elements.lat.value = event.latlng.lat.toFixed(6);
      form.elements.lon.value = event.latlng.lng.toFixed(6);
      mark.setLatLng(event.latlng).addTo(map);
      form.querySelector('.sr-main-button').focus();
    });

    function turnTo(chosen) {
      form = chosen;
      document.querySelectorAll('.sr-pin').forEach(function (one) {
        const mine = one === chosen;
        one.closest('li').classList.toggle('sr-is-chosen', mine);
        one.querySelector('.sr-choose').setAttribute('aria-pressed', String(mine));
      });
    }
  }
})();
