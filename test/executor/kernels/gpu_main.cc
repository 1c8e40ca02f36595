// Runs Catch2 tests on a GPU, as the only rank of an MPI world. Without a GPU there is nothing to
// run: it says so and exits with 77, which ctest takes for skipped.
#define CATCH_CONFIG_RUNNER
#include <ATen/Parallel.h>
#include <c10/cuda/CUDAFunctions.h>

#undef CHECK
#include <iostream>

#include "executor/communication/mpi_communicator.h"
#include "test/catch.h"

int main(int argc, char** argv) {
  constexpr int kSkipped = 77;
  if (c10::cuda::device_count() == 0) {
    std::cout << "skipped: no CUDA device\n";
    return kSkipped;
  }
  const galvatron::MpiSession session;
  at::set_num_threads(1);
  return Catch::Session().run(argc, argv) > 0 ? 1 : 0;
}
