/** Of the worker's end of the link; 3 is Node's own channel. */
export const LINK_DESCRIPTOR = 4;
