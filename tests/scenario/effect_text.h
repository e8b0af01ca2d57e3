// Effects of the engine as one line each, in words short enough to read in a scenario.
//
// Determinism: equal effects give equal lines.
#ifndef CAVIAR_TESTS_SCENARIO_EFFECT_TEXT_H_
#define CAVIAR_TESTS_SCENARIO_EFFECT_TEXT_H_

#include <functional>
#include <string>

#include "coordinator/engine/effects.h"

namespace caviar::scenario {

// What a scenario calls a digest.
using DigestName = std::function<std::string(const std::string& digest)>;

std::string WriteText(const engine::Write& write, const DigestName& name);
std::string SendText(const engine::Send& send, const DigestName& name);

}  // namespace caviar::scenario

#endif  // CAVIAR_TESTS_SCENARIO_EFFECT_TEXT_H_
