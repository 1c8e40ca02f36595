// The tensors that a checkpoint keeps of each piece of a parameter.
#pragma once

#include <array>
#include <string>

#include "cost_models/named_values.h"

namespace galvatron {

enum class StateKind { weight, first_moment, second_moment };  // all fp32

// What follows the parameter's name in a shard.
inline constexpr NamedValues<StateKind, 3> kStateSuffixes{
    {{StateKind::weight, ""},
     {StateKind::first_moment, ".first_moment"},
     {StateKind::second_moment, ".second_moment"}}};

inline std::string state_name(const std::string& parameter, StateKind kind) {
  return parameter + std::string(name_of(kStateSuffixes, kind));
}

}  // namespace galvatron
