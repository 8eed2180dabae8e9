// The SDK defines React hooks beside the bridge. The panel uses none of them, so nothing here is ever called.
export const createContext = () => null;
export const createElement = () => null;
export const useCallback = () => null;
export const useContext = () => null;
export const useDebugValue = () => null;
export const useEffect = () => null;
export const useMemo = () => null;
export const useRef = () => null;
export const useState = () => [null, () => null];
export default { createContext, createElement, useContext, useEffect, useMemo, useRef, useState };
