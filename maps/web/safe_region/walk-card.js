/* The print button of a walk card; without scripts the browser's own menu prints it. */
(function () {
  'use strict';
  var button = document.getElementById('sr-print');
  if (button) {
    button.hidden = false;
    button.addEventListener('click', function () {
      window.print();
    });
  }
})();
