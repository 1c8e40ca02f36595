// Runs the same Catch2 tests on every rank of one mpirun. Rank 0 reports; another rank is heard
// only when it fails, because its output is kept until then.
#define CATCH_CONFIG_RUNNER
#include <ATen/Parallel.h>

#undef CHECK
#include <iostream>
#include <sstream>

#include "executor/communication/mpi_communicator.h"
#include "test/catch.h"
#include "test/executor/test_device.h"

int main(int argc, char** argv) {
  const galvatron::MpiSession session;
  if (!galvatron::has_test_device()) {
    std::cout << "skipped: no CUDA device\n";
    return 0;
  }
  at::set_num_threads(1);
  std::ostringstream kept;
  std::streambuf* const terminal = std::cout.rdbuf();
  if (galvatron::mpi_world_rank() > 0) std::cout.rdbuf(kept.rdbuf());
  const int failures = Catch::Session().run(argc, argv);
  std::cout.rdbuf(terminal);
  if (failures > 0 && galvatron::mpi_world_rank() > 0) {
    std::cout << "rank " << galvatron::mpi_world_rank() << ":\n" << kept.str();
  }
  return failures > 0 ? 1 : 0;
}
