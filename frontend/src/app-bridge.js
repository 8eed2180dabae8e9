// The App Bridge of @saleor/app-sdk without React: only what the panel uses.
export { actions, AppBridge } from "@saleor/app-sdk/app-bridge";
