// ThreadSanitizer sees only code that was compiled with it, and the packaged gRPC and Abseil are
// not: how they hand a message from one thread to another looks like a race on it. Part of every
// test under it; read by the sanitizer's runtime alone.
extern "C" const char* __tsan_default_options();
extern "C" const char* __tsan_default_suppressions();

extern "C" const char* __tsan_default_options() { return "ignore_noninstrumented_modules=1"; }

extern "C" const char* __tsan_default_suppressions() {
  return "race:libgrpc.so\n"
         "race:libgrpc++.so\n"
         "race:grpc::\n";
}
