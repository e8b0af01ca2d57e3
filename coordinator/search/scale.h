// The scales on which hyperparameters act: maps between a value in [min, max] and the place u in
// [0, 1] it is drawn at, so that a uniform u is a good draw.
//
//   kLinear         min + u (max - min)
//   kLog            exp(ln min + u (ln max - ln min)); min > 0
//   kLogComplement  log scale of 1 - x, that is of the averaging window 1 / (1 - x); max < 1.
//                   Half of the draws from [0.9, 0.999] lie above 0.99.
//   kReverseLog     the log scale mirrored inside [min, max]; min > 0; dense near max
//
// Threads:     pure functions.
// Errors:      Requires: min <= max and the bound written beside the scale.
// Determinism: same arguments, same bits, on one build and CPU type.
#ifndef CAVIAR_COORDINATOR_SEARCH_SCALE_H_
#define CAVIAR_COORDINATOR_SEARCH_SCALE_H_

namespace caviar::search {

enum class Scale { kLinear, kLog, kLogComplement, kReverseLog };

// Rises with u: 0 gives min, 1 gives max. Clamped to [min, max].
double ValueAtUnit(Scale scale, double min, double max, double u);

// The inverse, clamped to [0, 1]; 0.5 where min == max.
double UnitOfValue(Scale scale, double min, double max, double value);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_SCALE_H_
