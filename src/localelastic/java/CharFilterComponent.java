package localelastic;

import java.io.Reader;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.IndexSettings;
import org.elasticsearch.index.analysis.AbstractCharFilterFactory;
import org.elasticsearch.index.analysis.CharFilterFactory;
import org.elasticsearch.index.analysis.PreConfiguredCharFilter;

/**
 * A character filter that may not stand in a normalizer.
 *
 * @param plain the filter as it is when it is only named
 * @param reader the filter with parameters
 */
record CharFilterComponent(
        String name, UnaryOperator<Reader> plain, Set<String> parameters, Component.Configuration<UnaryOperator<Reader>> reader)
        implements Component<CharFilterFactory> {

    PreConfiguredCharFilter preconfigured() {
        return PreConfiguredCharFilter.singleton(name, false, plain);
    }

    @Override
    public CharFilterFactory configured(IndexSettings index, String given, Settings settings) {
        UnaryOperator<Reader> filter = reader.read(index, settings);
        return new AbstractCharFilterFactory(given) {
            @Override
            public Reader create(Reader input) {
                return filter.apply(input);
            }
        };
    }
}
