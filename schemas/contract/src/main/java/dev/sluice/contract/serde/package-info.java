/// Avro in Confluent's wire format, and the registry that names the schemas.
@NullMarked
package dev.sluice.contract.serde;

import org.jspecify.annotations.NullMarked;
