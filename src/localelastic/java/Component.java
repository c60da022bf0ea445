package localelastic;

import java.util.Set;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.IndexSettings;

/**
 * One analysis component under Elasticsearch's own name.
 *
 * @param <F> the factory that Elasticsearch wants for it
 */
interface Component<F> {
    /** What every configured component may carry besides its parameters. */
    Set<String> COMMON = Set.of("type", "version");

    String name();

    /** Every parameter that is understood. Others are refused: a parameter without effect would be a silent difference. */
    Set<String> parameters();

    /** The component that an index configures as {@code name} with these settings. */
    F configured(IndexSettings index, String name, Settings settings);

    default F checked(IndexSettings index, String name, Settings settings) {
        for (String key : settings.keySet()) {
            if (COMMON.contains(key) == false && parameters().contains(key) == false) {
                throw new IllegalArgumentException(
                    "this local node does not know the parameter [" + key + "] of [" + name() + "]");
            }
        }
        return configured(index, name, settings);
    }

    /** Reads the parameters of one component. */
    @FunctionalInterface
    interface Configuration<T> {
        T read(IndexSettings index, Settings settings);
    }
}
