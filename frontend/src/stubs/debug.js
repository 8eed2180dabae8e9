// The SDK's debug log, silent.
const silent = () => {};
export default { debug: () => silent };
