/// Every topic and header of Sluice.
@NullMarked
package dev.sluice.contract.topic;

import org.jspecify.annotations.NullMarked;
