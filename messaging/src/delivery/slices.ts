/** While the change stream does not say which logs have grown, the tails of all logs are read in this many sweeps (30 s). */
export const SLICES = 15;
