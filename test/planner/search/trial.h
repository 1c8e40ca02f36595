// One random instance, solved in many ways, each compared with enumeration.
//
// Every seed stands for the problems of one chain (random_problem.h). They are solved without a
// limit, with the optimum as limit (nothing may be found), with one more (it must be found again)
// and with a gap of 5 %. By turns they are also solved with a budget just below, at and above the
// peak of the optimal plan, as families of problems, with given bounds on several threads, and with
// one cut into stages given.
#pragma once

#include <cstdint>
#include <string>

namespace galvatron::search {

// Empty where the search kept all its promises, otherwise what it broke.
std::string fault_of_trial(std::uint64_t seed);

}  // namespace galvatron::search
