/* On the search page: results quote a page's prose, not the texts that stand in for its figures,
   its editor, buttons and lists of contents. */
(() => {
  const UNWANTED = [
    'step-figure', 'code-editor', '.bd-header-article', '.bd-sidebar-secondary', '#jb-print-docs-body',
    '.prev-next-footer', '.bd-footer-content', 'svg',
  ].join();
  const quote = Search.htmlToText;
  Search.htmlToText = (html, anchor) => {
    const page = new DOMParser().parseFromString(html, 'text/html');
    page.querySelectorAll(UNWANTED).forEach((part) => part.remove());
    return quote(page.documentElement.outerHTML, anchor);
  };
})();
