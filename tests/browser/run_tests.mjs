// run_tests.mjs: counts tests; the last line is "N passed, N failed".
export function counter() {
  let passed = 0;
  let failed = 0;
  const filter = process.argv.slice(2).filter((word) => !word.includes('/'));
  return {
    async test(name, run) {
      if (filter.length > 0 && !filter.some((word) => name.includes(word)))
        return;
      const began = Date.now();
      try {
        await run();
        passed++;
        console.log(`ok ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
      } catch (error) {
        failed++;
        console.log(`FAILED ${name}\n    ${error.message.split('\n').slice(0, 60).join('\n    ')}`);
      }
    },
    end() {
      console.log(`${passed} passed, ${failed} failed`);
      process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
    },
  };
}
