// `caviar-worker --self-test`: what this machine is, what it could do, what it does, and what is
// wrong with it. The first thing to run on a new machine.
//
// Threads:     starts one for a moment; otherwise on the calling thread. Requires: PrepareBlas()
//              was called.
// Units:       GFLOP/s and microseconds of the thread's processor time; takes a few seconds.
// Determinism: figures are of the moment.
#ifndef CAVIAR_WORKER_SELF_TEST_SELF_TEST_H_
#define CAVIAR_WORKER_SELF_TEST_SELF_TEST_H_

#include <string>

namespace caviar::self_test {

// The report, several lines. `hardware` is PrepareBlas()'s description.
std::string SelfTestReport(const std::string& hardware);

}  // namespace caviar::self_test

#endif  // CAVIAR_WORKER_SELF_TEST_SELF_TEST_H_
