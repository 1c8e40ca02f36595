// The device that tests of several ranks run on: the same bodies serve CPUs and GPUs.
//
// GALVATRON_TEST_DEVICE=cuda moves them to a GPU, which the ranks share over MPI;
// GALVATRON_TEST_TRANSPORT=nccl gives each rank its own.
#pragma once

#include <c10/core/Device.h>

#include <memory>

#include "executor/communication/communicator.h"

namespace galvatron {

// Opens it when first called. Requires a started MpiSession.
c10::Device test_device();

// False where the tests were asked to run on GPUs and there are none, or too few.
bool has_test_device();

// Ranks 0 ... ranks-1 of mpirun's, over the transport asked for; null on the others. Collective
// over all of mpirun's ranks.
std::unique_ptr<Communicator> make_test_world(int ranks, Ledger& ledger);

}  // namespace galvatron
