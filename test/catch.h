// Catch2 2 and 3 behind one include: Debian 12 ships the single header, newer systems the split
// one.
#pragma once

// LibTorch has a macro of this name too. Include its headers before this one, else it wins.
#undef CHECK

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>  // IWYU pragma: export
using Catch::Approx;
#else
#include <catch2/catch.hpp>  // IWYU pragma: export
#endif
