// The part of a plan file that says what is decided: model, job, devices, stages.
#pragma once

#include "planner/files/reader.h"
#include "planner/plan/plan.h"

namespace galvatron {

// Whatever is wrong goes into the reader's errors, at its place. Problems of structure are looked
// for only where every value could be read.
void read_decisions(MapReader& reader, Plan& plan);

}  // namespace galvatron
