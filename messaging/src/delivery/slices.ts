/** While it is not known which logs have grown, the ends of all are read within this many sweeps of 2 s, which is 30 s. */
export const SLICES = 15;
