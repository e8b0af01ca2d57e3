// ThreadSanitizer sees only code that was compiled with it, and gRPC and Abseil are not: how they
// hand a message from one thread to another looks like a race on it. Linked into every test that
// speaks gRPC; read by the sanitizer's runtime alone.
extern "C" const char* __tsan_default_suppressions();

extern "C" const char* __tsan_default_suppressions() {
  return "called_from_lib:libgrpc.so\n"
         "called_from_lib:libgrpc++.so\n"
         "race:libgrpc.so\n"
         "race:libgrpc++.so\n"
         "race:grpc::\n";
}
