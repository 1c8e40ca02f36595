// The life of a process that is one rank of a training run.
#pragma once

#include <functional>

#include "executor/communication/communicator.h"
#include "executor/train/failure.h"

namespace galvatron {

// What the main of a program returns that trains: joins the ranks that mpirun started (one, without
// it), runs `body` on each and reports an error on stderr, or on stdout as JSON. Does not return
// after an error: other ranks may wait for this one, so that the process ends at once.
int run_as_rank(const std::function<void(Communicator& world)>& body,
                OutputForm form = OutputForm::text);

}  // namespace galvatron
