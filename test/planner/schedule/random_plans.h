// Random plans that can be executed, of a tiny GPT-2.
#pragma once

#include <random>

#include "planner/plan/plan.h"

namespace galvatron {

// 1-4 stages of 1-8 devices, 4-7 layers, 1-5 micro-batches, any strategy per layer that fits.
Plan random_plan(std::mt19937& random);

}  // namespace galvatron
